// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/options_container.hpp"

/// The commands of wolffia and their options: what is parsed, shown by --help and completed.
namespace wolffia::cli::user {

inline constexpr std::array kRunOptions{
    &kHelp,     &kInteractive, &kTty,     &kEntrypoint,  &kEnv,           &kEnvFile,
    &kCleanenv, &kWorkdir,     &kUser,    &kUserns,      &kGroup,         &kVolume,
    &kMount,    &kTmpfs,       &kDevice,  &kHere,        &kHome,          &kNoHome,
    &kReadOnly, &kCapAdd,      &kCapDrop, &kSecurityOpt, &kUlimit,        &kMemory,
    &kCpus,     &kPidsLimit,   &kStrict,  &kNet,         &kNetwork,       &kDns,
    &kAddHost,  &kHostname,    &kPull,    &kPlatform,    &kContainerName, &kDetach,
    &kRm,       &kCidfile,     &kLabel,   &kRestart,     &kLogOpt,        &kTimeout,
    &kInit,     &kDryRun,      &kPublish, &kPublishAll,  &kPrivileged,    &kBind};

inline constexpr Command kRun{.name = "run",
                              .arguments = "IMAGE|DIR [COMMAND [ARG...]]",
                              .summary = "run a command in an image, a directory or a bundle",
                              .options = kRunOptions,
                              .least = 1,
                              .most = SIZE_MAX,
                              .behind = Behind::Verbatim,
                              .complete = Complete::Directory};

inline constexpr std::array kPsOptions{&kHelp,   &kAll,  &kLatest, &kQuiet,
                                       &kFilter, &kJson, &kFormat};
inline constexpr std::array kLogsOptions{&kHelp, &kFollow, &kTail, &kSince, &kUntil, &kTimestamps};
inline constexpr std::array kExecOptions{&kHelp,    &kInteractive, &kTty,  &kEnv,
                                         &kEnvFile, &kWorkdir,     &kUser, &kDetach};
inline constexpr std::array kShellOptions{&kHelp, &kEnv, &kEnvFile, &kWorkdir, &kUser};
inline constexpr std::array kStopOptions{&kHelp, &kEvery, &kStopTime};
inline constexpr std::array kKillOptions{&kHelp, &kEvery, &kSignal};
inline constexpr std::array kRmOptions{&kHelp, &kEvery, &kForce};
inline constexpr std::array kHelpOnly{&kHelp};

inline constexpr Command kPs{.name = "ps",
                             .summary = "list the containers",
                             .options = kPsOptions,
                             .complete = Complete::Nothing};
inline constexpr Command kLogs{.name = "logs",
                               .arguments = "CONTAINER",
                               .summary = "print what a container in the background wrote",
                               .options = kLogsOptions,
                               .least = 1,
                               .most = 1};
inline constexpr Command kExec{.name = "exec",
                               .arguments = "CONTAINER COMMAND [ARG...]",
                               .summary = "run a command in a container that runs",
                               .options = kExecOptions,
                               .least = 2,
                               .most = SIZE_MAX,
                               .behind = Behind::Verbatim};
inline constexpr Command kShell{.name = "shell",
                                .arguments = "CONTAINER",
                                .summary = "open a shell in a container that runs",
                                .options = kShellOptions,
                                .least = 1,
                                .most = 1};
inline constexpr Command kStop{.name = "stop",
                               .arguments = "CONTAINER...",
                               .summary = "ask containers to end, then kill them",
                               .options = kStopOptions,
                               .most = SIZE_MAX};
inline constexpr std::array kAttachOptions{&kHelp, &kNoStdin, &kSigProxy, &kDetachKeys};
inline constexpr Command kAttachCommand{.name = "attach",
                                        .arguments = "CONTAINER",
                                        .summary = "show what a container in the background writes",
                                        .options = kAttachOptions,
                                        .least = 1,
                                        .most = 1};
inline constexpr std::array kStartOptions{&kHelp, &kAttach, &kAttachInput, &kSigProxy,
                                          &kDetachKeys};
inline constexpr Command kStart{.name = "start",
                                .arguments = "CONTAINER...",
                                .summary = "run containers that ended again, in the background",
                                .options = kStartOptions,
                                .least = 1,
                                .most = SIZE_MAX};
inline constexpr Command kKill{.name = "kill",
                               .arguments = "CONTAINER...",
                               .summary = "send a signal to containers",
                               .options = kKillOptions,
                               .most = SIZE_MAX};
inline constexpr Command kRmCommand{.name = "rm",
                                    .arguments = "CONTAINER...",
                                    .summary = "remove containers",
                                    .options = kRmOptions,
                                    .most = SIZE_MAX};
inline constexpr Command kWait{.name = "wait",
                               .arguments = "CONTAINER...",
                               .summary = "wait for containers and print their exit status",
                               .options = kHelpOnly,
                               .least = 1,
                               .most = SIZE_MAX};
inline constexpr std::array kInspectOptions{&kHelp, &kFormat};
inline constexpr Command kInspect{.name = "inspect",
                                  .arguments = "CONTAINER|IMAGE...",
                                  .summary = "print all that is known of them as JSON",
                                  .options = kInspectOptions,
                                  .least = 1,
                                  .most = SIZE_MAX};
inline constexpr Command kCp{.name = "cp",
                             .arguments = "CONTAINER:SOURCE|SOURCE CONTAINER:TARGET|TARGET",
                             .summary = "copy files into a container or out of it",
                             .options = kHelpOnly,
                             .least = 2,
                             .most = 2};
inline constexpr std::array kDiffOptions{&kHelp, &kJson};
inline constexpr Command kDiff{.name = "diff",
                               .arguments = "CONTAINER",
                               .summary = "list what a container changed of its image",
                               .options = kDiffOptions,
                               .least = 1,
                               .most = 1};
inline constexpr std::array kExportOptions{&kHelp, &kOutput};
inline constexpr Command kExport{.name = "export",
                                 .arguments = "CONTAINER",
                                 .summary = "write a container's root file system to a tar archive",
                                 .options = kExportOptions,
                                 .least = 1,
                                 .most = 1};
inline constexpr std::array kCommitOptions{&kHelp, &kChange, &kMessage, &kAuthor};
inline constexpr Command kCommitCommand{.name = "commit",
                                        .arguments = "CONTAINER [NAME]",
                                        .summary = "make an image of a container and its changes",
                                        .options = kCommitOptions,
                                        .least = 1,
                                        .most = 2};
/// Those of `run` that a container is made differently for.
inline constexpr std::array kExplainOptions{
    &kHelp,        &kInteractive, &kTty,     &kEntrypoint, &kEnv,       &kEnvFile,  &kCleanenv,
    &kWorkdir,     &kUser,        &kUserns,  &kGroup,      &kVolume,    &kMount,    &kTmpfs,
    &kDevice,      &kHere,        &kHome,    &kNoHome,     &kReadOnly,  &kCapAdd,   &kCapDrop,
    &kSecurityOpt, &kUlimit,      &kMemory,  &kCpus,       &kPidsLimit, &kStrict,   &kNet,
    &kNetwork,     &kDns,         &kAddHost, &kHostname,   &kPull,      &kPlatform, &kTimeout,
    &kInit,        &kJson};
inline constexpr Command kExplain{.name = "explain",
                                  .arguments = "IMAGE|DIR|CONTAINER [COMMAND [ARG...]]",
                                  .summary = "say how a container is made, and why",
                                  .options = kExplainOptions,
                                  .least = 1,
                                  .most = SIZE_MAX,
                                  .behind = Behind::Verbatim};
inline constexpr Command kRename{.name = "rename",
                                 .arguments = "CONTAINER NAME",
                                 .summary = "give a container another name",
                                 .options = kHelpOnly,
                                 .least = 2,
                                 .most = 2};
inline constexpr std::array kTopOptions{&kHelp, &kJson};
inline constexpr Command kTop{.name = "top",
                              .arguments = "CONTAINER",
                              .summary = "list the processes of a container",
                              .options = kTopOptions,
                              .least = 1,
                              .most = 1};
inline constexpr std::array kStatsOptions{&kHelp, &kNoStream, &kJson};
inline constexpr Command kStats{.name = "stats",
                                .arguments = "[CONTAINER...]",
                                .summary = "show what containers take of the machine",
                                .options = kStatsOptions,
                                .least = 0,
                                .most = SIZE_MAX};

inline constexpr std::array<const Option*, 3> kDoctorOptions{&kHelp, &kJson, &kAppArmor};

inline constexpr Command kDoctor{.name = "doctor",
                                 .summary = "say what keeps containers from running, and the fix",
                                 .options = kDoctorOptions,
                                 .complete = Complete::Nothing};

inline constexpr std::array kImagesOptions{&kHelp, &kQuiet, &kFilterImages, &kJson, &kFormat};
inline constexpr std::array kHistoryOptions{&kHelp, &kJson};

inline constexpr std::array kRmiOptions{&kHelp, &kEveryImage, &kForceImage};

inline constexpr Command kImages{.name = "images",
                                 .arguments = "[IMAGE]",
                                 .summary = "list the images of the store",
                                 .options = kImagesOptions,
                                 .most = 1,
                                 .complete = Complete::Nothing};
inline constexpr Command kHistory{.name = "history",
                                  .arguments = "IMAGE",
                                  .summary = "print how an image was made",
                                  .options = kHistoryOptions,
                                  .least = 1,
                                  .most = 1,
                                  .complete = Complete::Nothing};
inline constexpr Command kTag{.name = "tag",
                              .arguments = "IMAGE NAME",
                              .summary = "give an image another name",
                              .options = kHelpOnly,
                              .least = 2,
                              .most = 2,
                              .complete = Complete::Nothing};
inline constexpr Command kRmi{.name = "rmi",
                              .arguments = "IMAGE...",
                              .summary = "remove images",
                              .options = kRmiOptions,
                              .most = SIZE_MAX,
                              .complete = Complete::Nothing};
inline constexpr Command kGc{.name = "gc",
                             .summary = "remove what no name and no container needs",
                             .options = kHelpOnly,
                             .complete = Complete::Nothing};
inline constexpr Command kCompletion{.name = "completion",
                                     .arguments = "bash|zsh|fish",
                                     .summary = "print what completes commands in a shell",
                                     .options = kHelpOnly,
                                     .least = 1,
                                     .most = 1,
                                     .complete = Complete::Nothing};
inline constexpr Command kVersionCommand{.name = "version",
                                         .summary = "print the version",
                                         .options = kHelpOnly,
                                         .complete = Complete::Nothing};

// These are wolffia-image's: see handed_on.hpp.
inline constexpr Command kPullCommand{.name = "pull",
                                      .arguments = "IMAGE",
                                      .summary = "put an image into the store: wolffia-image(1)",
                                      .least = 1,
                                      .most = 1,
                                      .complete = Complete::Nothing};
inline constexpr Command kPush{.name = "push",
                               .arguments = "IMAGE [DESTINATION]",
                               .summary = "send an image to a registry: wolffia-image(1)",
                               .least = 1,
                               .most = 2,
                               .complete = Complete::Nothing};
inline constexpr Command kSave{.name = "save",
                               .arguments = "IMAGE...",
                               .summary = "write images to an archive: wolffia-image(1)",
                               .least = 1,
                               .most = SIZE_MAX,
                               .complete = Complete::Nothing};
inline constexpr Command kLoad{
    .name = "load",
    .arguments = "[FILE]",
    .summary = "put an archive's images into the store: wolffia-image(1)",
    .least = 0,
    .most = 1,
    .complete = Complete::File};
inline constexpr Command kImport{.name = "import",
                                 .arguments = "FILE|- [NAME]",
                                 .summary = "make an image of a root archive: wolffia-image(1)",
                                 .least = 1,
                                 .most = 2,
                                 .complete = Complete::File};
inline constexpr Command kLogin{.name = "login",
                                .arguments = "REGISTRY",
                                .summary = "keep credentials of a registry: wolffia-image(1)",
                                .least = 1,
                                .most = 1,
                                .complete = Complete::Nothing};
inline constexpr Command kLogout{.name = "logout",
                                 .arguments = "REGISTRY",
                                 .summary = "forget credentials of a registry: wolffia-image(1)",
                                 .least = 1,
                                 .most = 1,
                                 .complete = Complete::Nothing};

inline constexpr std::array<const Option*, 3> kGlobalOptions{&kHelp, &kVersion, &kStore};
inline constexpr std::array kCommands{
    &kRun,  &kPs,     &kLogs,       &kAttachCommand,  &kExec,    &kShell,
    &kStop, &kStart,  &kKill,       &kRmCommand,      &kWait,    &kInspect,
    &kCp,   &kDiff,   &kExport,     &kCommitCommand,  &kExplain, &kRename,
    &kTop,  &kStats,  &kImages,     &kPullCommand,    &kPush,    &kSave,
    &kLoad, &kImport, &kLogin,      &kLogout,         &kHistory, &kTag,
    &kRmi,  &kGc,     &kCompletion, &kVersionCommand, &kDoctor};

inline constexpr Program kProgram{.name = "wolffia",
                                  .summary = "runs images, directories and bundles without root",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion,
                                  .list = "ps -aq"};

}  // namespace wolffia::cli::user
