// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/commands_images.hpp"

/// The commands of wolffia and their options: what is parsed, shown by --help and completed.
namespace wolffia::cli::user {

inline constexpr std::array kRunOptions{
    &kHelp,         &kInteractive, &kTty,           &kEntrypoint, &kEnv,         &kEnvFile,
    &kCleanenv,     &kWorkdir,     &kUser,          &kUserns,     &kGroup,       &kVolume,
    &kMount,        &kTmpfs,       &kDevice,        &kHere,       &kHome,        &kNoHome,
    &kReadOnly,     &kStorage,     &kCapAdd,        &kCapDrop,    &kSecurityOpt, &kUlimit,
    &kMemory,       &kShmSize,     &kCpus,          &kPidsLimit,  &kStrict,      &kNet,
    &kNetwork,      &kPublish,     &kAllow,         &kDeny,       &kOffline,     &kUploadRate,
    &kDownloadRate, &kOutbound,    &kDns,           &kDnsSearch,  &kAddHost,     &kHostname,
    &kPull,         &kPlatform,    &kContainerName, &kDetach,     &kRm,          &kCidfile,
    &kLabel,        &kRestart,     &kLogOpt,        &kTimeout,    &kStopTimeout, &kInit,
    &kDryRun,       &kPublishAll,  &kPrivileged,    &kBind};

inline constexpr Command kRun{
    .name = "run",
    .arguments = "IMAGE|DIR [COMMAND [ARG...]]",
    .summary = "run a command in an image, a directory or a bundle",
    .options = kRunOptions,
    .least = 1,
    .most = SIZE_MAX,
    .behind = Behind::Verbatim,
    .complete = Complete::ImageOrDirectory,
    .examples =
        "wolffia run debian:12 cat /etc/os-release\n"
        "wolffia run -it --rm --here gcc:13 make\n"
        "wolffia run -d --name web -p 8080:80 nginx\n"
        "wolffia run --read-only -v /data:/data:ro ./rootfs analyse /data"};

inline constexpr std::array kPsOptions{&kHelp,  &kAll,   &kLatest, &kLast, &kNoTrunc,
                                       &kNames, &kQuiet, &kFilter, &kJson, &kFormat};
inline constexpr std::array kLogsOptions{&kHelp, &kFollow, &kTail, &kSince, &kUntil, &kTimestamps};
inline constexpr std::array kExecOptions{&kHelp,    &kInteractive, &kTty,  &kEnv,
                                         &kEnvFile, &kWorkdir,     &kUser, &kDetach};
inline constexpr std::array kShellOptions{&kHelp, &kEnv, &kEnvFile, &kWorkdir, &kUser};
inline constexpr std::array kStopOptions{&kHelp, &kEvery, &kStopTime};
inline constexpr std::array kKillOptions{&kHelp, &kEvery, &kSignal};
inline constexpr std::array kRmOptions{&kHelp, &kEvery, &kForce};

inline constexpr Command kPs{.name = "ps",
                             .summary = "list the containers",
                             .options = kPsOptions,
                             .complete = Complete::Nothing,
                             .examples =
                                 "wolffia ps -a\n"
                                 "wolffia ps --filter label=tier=front --json"};
inline constexpr Command kLogs{.name = "logs",
                               .arguments = "CONTAINER",
                               .summary = "print what a container in the background wrote",
                               .options = kLogsOptions,
                               .least = 1,
                               .most = 1,
                               .examples =
                                   "wolffia logs -f --tail 20 web\n"
                                   "wolffia logs --since 10m -t web"};
inline constexpr Command kExec{.name = "exec",
                               .arguments = "CONTAINER COMMAND [ARG...]",
                               .summary = "run a command in a container that runs",
                               .options = kExecOptions,
                               .least = 2,
                               .most = SIZE_MAX,
                               .behind = Behind::Verbatim,
                               .examples =
                                   "wolffia exec -it web sh\n"
                                   "wolffia exec -u nobody -e LEVEL=3 web /bin/check"};
inline constexpr Command kShell{.name = "shell",
                                .arguments = "CONTAINER",
                                .summary = "open a shell in a container that runs",
                                .options = kShellOptions,
                                .least = 1,
                                .most = 1,
                                .examples = "wolffia shell web"};
inline constexpr Command kStop{.name = "stop",
                               .arguments = "CONTAINER...",
                               .summary = "ask containers to end, then kill them",
                               .options = kStopOptions,
                               .most = SIZE_MAX,
                               .examples =
                                   "wolffia stop -t 30 web\n"
                                   "wolffia stop --all"};
inline constexpr std::array kAttachOptions{&kHelp, &kNoStdin, &kSigProxy, &kDetachKeys};
inline constexpr Command kAttachCommand{.name = "attach",
                                        .arguments = "CONTAINER",
                                        .summary = "show what a container in the background writes",
                                        .options = kAttachOptions,
                                        .least = 1,
                                        .most = 1,
                                        .examples = "wolffia attach --sig-proxy=false web"};
inline constexpr std::array kStartOptions{&kHelp, &kAttach, &kAttachInput, &kSigProxy,
                                          &kDetachKeys};
inline constexpr Command kStart{.name = "start",
                                .arguments = "CONTAINER...",
                                .summary = "run containers that ended again, in the background",
                                .options = kStartOptions,
                                .least = 1,
                                .most = SIZE_MAX,
                                .examples =
                                    "wolffia start web\n"
                                    "wolffia start -ai shell-of-yesterday"};
inline constexpr Command kKill{.name = "kill",
                               .arguments = "CONTAINER...",
                               .summary = "send a signal to containers",
                               .options = kKillOptions,
                               .most = SIZE_MAX,
                               .examples = "wolffia kill -s HUP web"};
inline constexpr std::array kPauseOptions{&kHelp, &kEvery};
inline constexpr Command kPause{.name = "pause",
                                .arguments = "CONTAINER...",
                                .summary = "let containers stand still",
                                .options = kPauseOptions,
                                .most = SIZE_MAX,
                                .examples = "wolffia pause web"};
inline constexpr Command kUnpause{.name = "unpause",
                                  .arguments = "CONTAINER...",
                                  .summary = "let containers that are paused go on",
                                  .options = kPauseOptions,
                                  .most = SIZE_MAX,
                                  .examples = "wolffia unpause --all"};
inline constexpr std::array kUpdateOptions{&kHelp, &kMemory, &kCpus, &kPidsLimit};
inline constexpr Command kUpdate{.name = "update",
                                 .arguments = "CONTAINER...",
                                 .summary = "change the limits of containers",
                                 .options = kUpdateOptions,
                                 .least = 1,
                                 .most = SIZE_MAX,
                                 .examples =
                                     "wolffia update --memory 512m --cpus 1.5 web\n"
                                     "wolffia update --pids-limit -1 web"};
inline constexpr Command kRmCommand{.name = "rm",
                                    .arguments = "CONTAINER...",
                                    .summary = "remove containers",
                                    .options = kRmOptions,
                                    .most = SIZE_MAX,
                                    .examples =
                                        "wolffia rm web\n"
                                        "wolffia rm -f --all"};
inline constexpr Command kWait{.name = "wait",
                               .arguments = "CONTAINER...",
                               .summary = "wait for containers and print their exit status",
                               .options = kHelpOnly,
                               .least = 1,
                               .most = SIZE_MAX,
                               .examples = "wolffia wait web"};
inline constexpr std::array kInspectOptions{&kHelp, &kFormat};
inline constexpr Command kInspect{.name = "inspect",
                                  .arguments = "CONTAINER|IMAGE...",
                                  .summary = "print all that is known of them as JSON",
                                  .options = kInspectOptions,
                                  .least = 1,
                                  .most = SIZE_MAX,
                                  .examples = "wolffia inspect web debian:12"};
inline constexpr Command kCp{.name = "cp",
                             .arguments = "CONTAINER:SOURCE|SOURCE CONTAINER:TARGET|TARGET",
                             .summary = "copy files into a container or out of it",
                             .options = kHelpOnly,
                             .least = 2,
                             .most = 2,
                             .examples =
                                 "wolffia cp web:/var/log/app.log .\n"
                                 "wolffia cp ./site/. web:/srv/www"};
inline constexpr std::array kDiffOptions{&kHelp, &kJson};
inline constexpr Command kDiff{.name = "diff",
                               .arguments = "CONTAINER",
                               .summary = "list what a container changed of its image",
                               .options = kDiffOptions,
                               .least = 1,
                               .most = 1,
                               .examples = "wolffia diff web"};
inline constexpr std::array kExportOptions{&kHelp, &kOutput};
inline constexpr Command kExport{.name = "export",
                                 .arguments = "CONTAINER",
                                 .summary = "write a container's root file system to a tar archive",
                                 .options = kExportOptions,
                                 .least = 1,
                                 .most = 1,
                                 .examples = "wolffia export -o root.tar web"};
inline constexpr std::array kCommitOptions{&kHelp, &kChange, &kMessage, &kAuthor};
inline constexpr Command kCommitCommand{.name = "commit",
                                        .arguments = "CONTAINER [NAME]",
                                        .summary = "make an image of a container and its changes",
                                        .options = kCommitOptions,
                                        .least = 1,
                                        .most = 2,
                                        .examples =
                                            "wolffia commit web site:2\n"
                                            "wolffia commit -m moved -a ana web site:3"};
inline constexpr std::array kPortOptions{&kHelp};
inline constexpr Command kPortCommand{.name = "port",
                                      .arguments = "CONTAINER [PORT[/udp]]",
                                      .summary = "list the ports of the host that lead inside",
                                      .options = kPortOptions,
                                      .least = 1,
                                      .most = 2,
                                      .examples =
                                          "wolffia port web\n"
                                          "wolffia port web 80"};
/// Those of `run` that a container is made differently for.
inline constexpr std::array kExplainOptions{
    &kHelp,       &kInteractive,  &kTty,      &kEntrypoint,  &kEnv,       &kEnvFile, &kCleanenv,
    &kWorkdir,    &kUser,         &kUserns,   &kGroup,       &kVolume,    &kMount,   &kTmpfs,
    &kDevice,     &kHere,         &kHome,     &kNoHome,      &kReadOnly,  &kStorage, &kCapAdd,
    &kCapDrop,    &kSecurityOpt,  &kUlimit,   &kMemory,      &kShmSize,   &kCpus,    &kPidsLimit,
    &kStrict,     &kNet,          &kNetwork,  &kPublish,     &kAllow,     &kDeny,    &kOffline,
    &kUploadRate, &kDownloadRate, &kOutbound, &kDns,         &kDnsSearch, &kAddHost, &kHostname,
    &kPull,       &kPlatform,     &kTimeout,  &kStopTimeout, &kInit,      &kJson};
inline constexpr Command kExplain{.name = "explain",
                                  .arguments = "IMAGE|DIR|CONTAINER [COMMAND [ARG...]]",
                                  .summary = "say how a container is made, and why",
                                  .options = kExplainOptions,
                                  .least = 1,
                                  .most = SIZE_MAX,
                                  .behind = Behind::Verbatim,
                                  .examples =
                                      "wolffia explain --net host debian:12\n"
                                      "wolffia explain web"};
inline constexpr Command kRename{.name = "rename",
                                 .arguments = "CONTAINER NAME",
                                 .summary = "give a container another name",
                                 .options = kHelpOnly,
                                 .least = 2,
                                 .most = 2,
                                 .examples = "wolffia rename web old-web"};
inline constexpr std::array kTopOptions{&kHelp, &kJson};
inline constexpr Command kTop{.name = "top",
                              .arguments = "CONTAINER",
                              .summary = "list the processes of a container",
                              .options = kTopOptions,
                              .least = 1,
                              .most = 1,
                              .examples = "wolffia top web"};
inline constexpr std::array kStatsOptions{&kHelp, &kNoStream, &kJson};
inline constexpr Command kStats{.name = "stats",
                                .arguments = "[CONTAINER...]",
                                .summary = "show what containers take of the machine",
                                .options = kStatsOptions,
                                .least = 0,
                                .most = SIZE_MAX,
                                .examples =
                                    "wolffia stats --no-stream\n"
                                    "wolffia stats web"};

inline constexpr std::array<const Option*, 3> kDoctorOptions{&kHelp, &kJson, &kAppArmor};

inline constexpr Command kDoctor{.name = "doctor",
                                 .summary = "say what keeps containers from running, and the fix",
                                 .options = kDoctorOptions,
                                 .complete = Complete::Nothing,
                                 .examples =
                                     "wolffia doctor\n"
                                     "wolffia doctor --apparmor"};

inline constexpr Command kCompletion{.name = "completion",
                                     .arguments = "bash|zsh|fish",
                                     .summary = "print what completes commands in a shell",
                                     .options = kHelpOnly,
                                     .least = 1,
                                     .most = 1,
                                     .complete = Complete::Nothing,
                                     .examples = "wolffia completion bash"};
inline constexpr Command kVersionCommand{.name = "version",
                                         .summary = "print the version",
                                         .options = kHelpOnly,
                                         .complete = Complete::Nothing,
                                         .examples = "wolffia version"};

// What podman and docker have, and what to use here.
inline constexpr Command kBuild{
    .name = "build",
    .summary = "",
    .missing =
        "let buildah make the image and wolffia load bring it here, or change a container "
        "and use wolffia commit"};
inline constexpr Command kCreate{
    .name = "create", .summary = "", .missing = "wolffia run -d makes a container and starts it"};
inline constexpr Command kRestartCommand{
    .name = "restart", .summary = "", .missing = "wolffia stop and wolffia start are it"};
inline constexpr Command kContainer{
    .name = "container",
    .summary = "",
    .missing = "what follows it is a command of its own, as wolffia ps, inspect or rm"};
inline constexpr Command kImage{
    .name = "image",
    .summary = "",
    .missing = "what follows it is a command of its own, as wolffia images, inspect or rmi"};
inline constexpr Command kVolumeCommand{
    .name = "volume",
    .summary = "",
    .missing = "make a directory and show it with wolffia run -v ./DIR:TARGET"};
inline constexpr Command kNetworkCommand{
    .name = "network",
    .summary = "",
    .missing = "there are --net none, host and slirp, and --publish"};
inline constexpr Command kInfo{
    .name = "info", .summary = "", .missing = "wolffia doctor says what works here"};
inline constexpr Command kSystem{
    .name = "system",
    .summary = "",
    .missing = "wolffia gc removes what nothing needs, wolffia doctor says what works here"};

inline constexpr std::array<const Option*, 3> kGlobalOptions{&kHelp, &kVersion, &kStore};
inline constexpr std::array kCommands{&kRun,           &kPs,
                                      &kLogs,          &kAttachCommand,
                                      &kExec,          &kShell,
                                      &kStop,          &kStart,
                                      &kKill,          &kPause,
                                      &kUnpause,       &kUpdate,
                                      &kRmCommand,     &kWait,
                                      &kInspect,       &kCp,
                                      &kDiff,          &kPortCommand,
                                      &kExport,        &kCommitCommand,
                                      &kExplain,       &kRename,
                                      &kTop,           &kStats,
                                      &kImages,        &kPullCommand,
                                      &kPush,          &kSave,
                                      &kLoad,          &kImport,
                                      &kLogin,         &kLogout,
                                      &kHistory,       &kTag,
                                      &kRmi,           &kGc,
                                      &kCompletion,    &kVersionCommand,
                                      &kDoctor,        &kBuild,
                                      &kCreate,        &kRestartCommand,
                                      &kContainer,     &kImage,
                                      &kVolumeCommand, &kNetworkCommand,
                                      &kInfo,          &kSystem};

inline constexpr Program kProgram{.name = "wolffia",
                                  .summary = "runs images, directories and bundles without root",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion,
                                  .list = "ps -a --names",
                                  .images = "images --names"};

}  // namespace wolffia::cli::user
