// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "cli/option.hpp"

/// The options of wolffia, in the words people know from podman and apptainer. commands.hpp says
/// which command has which.
namespace wolffia::cli::user {

inline constexpr Option kHelp{.name = "help", .letter = 'h', .help = "show this and exit"};
inline constexpr Option kVersion{.name = "version", .help = "show the version and exit"};
inline constexpr Option kStore{.name = "store",
                               .takes = Takes::Value,
                               .value = "DIR",
                               .complete = Complete::Directory,
                               .help = "images and containers lie here"};

// run: the program
inline constexpr Option kInteractive{
    .name = "interactive", .letter = 'i', .help = "keep standard input connected"};
inline constexpr Option kTty{.name = "tty", .letter = 't', .help = "give the program a terminal"};
inline constexpr Option kEntrypoint{.name = "entrypoint",
                                    .takes = Takes::Value,
                                    .value = "PROGRAM",
                                    .help = "instead of the image's; empty: none"};
inline constexpr Option kEnv{.name = "env",
                             .letter = 'e',
                             .takes = Takes::List,
                             .value = "NAME[=VALUE]",
                             .help = "set a variable, or pass the host's; PREFIX*"};
inline constexpr Option kEnvFile{.name = "env-file",
                                 .takes = Takes::List,
                                 .value = "FILE",
                                 .complete = Complete::File,
                                 .help = "set the variables of FILE, one a line"};
inline constexpr Option kCleanenv{.name = "cleanenv",
                                  .help = "pass no variable of the host, not even TERM"};
inline constexpr Option kWorkdir{.name = "workdir",
                                 .letter = 'w',
                                 .takes = Takes::Value,
                                 .value = "DIR",
                                 .help = "the working directory, inside"};
inline constexpr Option kUser{.name = "user",
                              .letter = 'u',
                              .takes = Takes::Value,
                              .value = "USER[:GROUP]",
                              .help = "run as this user of the image"};
inline constexpr Option kUserns{.name = "userns",
                                .takes = Takes::Value,
                                .value = "auto|root|keep-id",
                                .help = "the ids inside: all of yours, root, yourself"};
inline constexpr Option kGroup{.name = "group",
                               .takes = Takes::Value,
                               .value = "keep|drop",
                               .help = "keep: your supplementary groups' rights stay"};
inline constexpr Option kInit{.name = "init",
                              .help = "run an init that reaps and passes signals on"};

// run: files
inline constexpr Option kVolume{.name = "volume",
                                .letter = 'v',
                                .takes = Takes::List,
                                .value = "SOURCE:TARGET[:ro]",
                                .complete = Complete::Directory,
                                .help = "show a file or directory of the host inside"};
inline constexpr Option kMount{.name = "mount",
                               .takes = Takes::List,
                               .value = "type=TYPE,...",
                               .help = "type=bind|tmpfs, source=, target=, readonly"};
inline constexpr Option kTmpfs{.name = "tmpfs",
                               .takes = Takes::List,
                               .value = "TARGET[:OPTIONS]",
                               .help = "a directory in memory"};
inline constexpr Option kDevice{.name = "device",
                                .takes = Takes::List,
                                .value = "SOURCE[:TARGET]",
                                .complete = Complete::File,
                                .help = "show a device of the host inside"};
inline constexpr Option kHere{.name = "here", .help = "show the current directory and start there"};
inline constexpr Option kHome{.name = "home", .help = "show your home directory inside"};
inline constexpr Option kNoHome{.name = "no-home", .help = "do not (default)"};
inline constexpr Option kReadOnly{.name = "read-only",
                                  .help = "only /tmp, /run and volumes can change"};

inline constexpr Option kStorage{.name = "storage",
                                 .takes = Takes::Value,
                                 .value = "overlay|fuse|copy",
                                 .help = "how an image's layers become one"};

// run: rights
inline constexpr Option kCapAdd{.name = "cap-add",
                                .takes = Takes::List,
                                .value = "CAPABILITY",
                                .help = "give a capability, or ALL"};
inline constexpr Option kCapDrop{.name = "cap-drop",
                                 .takes = Takes::List,
                                 .value = "CAPABILITY",
                                 .help = "take a capability, or ALL"};
inline constexpr Option kSecurityOpt{.name = "security-opt",
                                     .takes = Takes::List,
                                     .value = "OPTION",
                                     .help = "seccomp=FILE, no-new-privileges=false"};
inline constexpr Option kUlimit{.name = "ulimit",
                                .takes = Takes::List,
                                .value = "NAME=SOFT[:HARD]",
                                .help = "a limit of each process, as nofile=1024"};
inline constexpr Option kMemory{
    .name = "memory", .letter = 'm', .takes = Takes::Value, .value = "SIZE", .help = "as 512m"};
inline constexpr Option kCpus{
    .name = "cpus", .takes = Takes::Value, .value = "NUMBER", .help = "as 1.5"};
inline constexpr Option kPidsLimit{
    .name = "pids-limit", .takes = Takes::Value, .value = "NUMBER", .help = "at most so many"};
inline constexpr Option kStrict{.name = "strict",
                                .help = "a limit that cannot be kept is an error"};
inline constexpr Option kTimeout{.name = "timeout",
                                 .takes = Takes::Value,
                                 .value = "TIME",
                                 .help = "end it after this time, as 90, 5m or 2h"};

// run: network
inline constexpr Option kNet{.name = "net",
                             .takes = Takes::Value,
                             .value = "none|host|slirp",
                             .help = "its own or the host's (slirp: connected)"};
inline constexpr Option kNetwork{
    .name = "network", .takes = Takes::Value, .value = "none|host|slirp", .help = "the same"};
inline constexpr Option kPublish{.name = "publish",
                                 .letter = 'p',
                                 .takes = Takes::List,
                                 .value = "[IP:]HOST:INSIDE",
                                 .help = "a port of the host leads inside"};
inline constexpr Option kAllow{.name = "allow",
                               .takes = Takes::List,
                               .value = "RULE",
                               .help = "reach this: ADDRESS[/BITS][:PORT], NAME or *"};
inline constexpr Option kDeny{.name = "deny",
                              .takes = Takes::List,
                              .value = "RULE",
                              .help = "do not; the last rule that fits decides"};
inline constexpr Option kOffline{.name = "offline",
                                 .help = "reach name servers only, and what is allowed"};
inline constexpr Option kUploadRate{.name = "upload-rate",
                                    .takes = Takes::Value,
                                    .value = "SIZE",
                                    .help = "it may send so much a second, as 2m"};
inline constexpr Option kDownloadRate{
    .name = "download-rate", .takes = Takes::Value, .value = "SIZE", .help = "it may get so much"};
inline constexpr Option kOutbound{.name = "outbound",
                                  .takes = Takes::Value,
                                  .value = "auto|splice|slirp",
                                  .help = "how connections are led, see wolffia-net(1)"};
inline constexpr Option kDns{
    .name = "dns", .takes = Takes::List, .value = "ADDRESS", .help = "ask this name server"};
inline constexpr Option kAddHost{.name = "add-host",
                                 .takes = Takes::List,
                                 .value = "NAME:ADDRESS",
                                 .help = "a line of /etc/hosts"};
inline constexpr Option kHostname{
    .name = "hostname", .takes = Takes::Value, .value = "NAME", .help = "the host name, inside"};

inline constexpr Option kDnsSearch{.name = "dns-search",
                                   .takes = Takes::List,
                                   .value = "DOMAIN",
                                   .help = "look names up in it too; . for none"};
inline constexpr Option kShmSize{.name = "shm-size",
                                 .takes = Takes::Value,
                                 .value = "SIZE",
                                 .help = "the most that /dev/shm holds, as 64m"};

// run: what podman and apptainer have, and what is meant by it here
inline constexpr Option kPublishAll{.name = "publish-all",
                                    .letter = 'P',
                                    .help = "",
                                    .missing = "name the ports: --publish 8080:80"};
inline constexpr Option kPrivileged{
    .name = "privileged",
    .help = "",
    .missing =
        "nobody gets rights over the host here; --cap-add ALL, --security-opt "
        "seccomp=unconfined and --device give what there is"};
inline constexpr Option kBind{.name = "bind",
                              .letter = 'B',
                              .takes = Takes::List,
                              .value = "SOURCE",
                              .help = "",
                              .missing = "it is --volume SOURCE:TARGET"};

// run: the image
inline constexpr Option kPull{.name = "pull",
                              .takes = Takes::Value,
                              .value = "missing|always|newer|never",
                              .help = "when to fetch it (default: missing)"};
inline constexpr Option kPlatform{.name = "platform",
                                  .takes = Takes::Value,
                                  .value = "OS/ARCH",
                                  .help = "of several images the one for this platform"};

// run: the container
inline constexpr Option kContainerName{
    .name = "name", .takes = Takes::Value, .value = "NAME", .help = "what the container is called"};
inline constexpr Option kDetach{
    .name = "detach", .letter = 'd', .help = "run in the background, print its id"};
inline constexpr Option kRm{.name = "rm", .help = "remove the container with its end"};
inline constexpr Option kCidfile{.name = "cidfile",
                                 .takes = Takes::Value,
                                 .value = "FILE",
                                 .complete = Complete::File,
                                 .help = "write the container's id to a new FILE"};
inline constexpr Option kLabel{.name = "label",
                               .letter = 'l',
                               .takes = Takes::List,
                               .value = "NAME=VALUE",
                               .help = "a label, to find it by"};
inline constexpr Option kRestart{.name = "restart",
                                 .takes = Takes::Value,
                                 .value = "POLICY",
                                 .help = "no, always or on-failure[:TIMES]"};
inline constexpr Option kLogOpt{.name = "log-opt",
                                .takes = Takes::List,
                                .value = "OPTION",
                                .help = "max-size=SIZE of a log file, max-file=NUMBER"};
inline constexpr Option kStopTimeout{.name = "stop-timeout",
                                     .takes = Takes::Value,
                                     .value = "SECONDS",
                                     .help = "patience of stop and --timeout (default: 10)"};
inline constexpr Option kDryRun{.name = "dry-run",
                                .help = "print what would be done, start nothing"};

// doctor
inline constexpr Option kJson{.name = "json", .help = "print JSON, as wolffia(1) describes it"};
inline constexpr Option kAppArmor{.name = "apparmor",
                                  .help = "print only a profile for /etc/apparmor.d/wolffia"};

}  // namespace wolffia::cli::user
