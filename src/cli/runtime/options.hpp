// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "cli/option.hpp"

/// The command line of wolffia-oci: that of runc 1.3 and crun 1.2x, so that whatever starts one of
/// them can start this. A new flag is a row here; --help, completions and the tests follow.
namespace wolffia::cli::runtime {

inline constexpr std::string_view kCheckpointMissing =
    "CRIU takes CAP_CHECKPOINT_RESTORE of the machine, which no ordinary user has";

inline constexpr Option kHelp{.name = "help", .letter = 'h', .help = "show this and exit"};
inline constexpr Option kVersion{.name = "version", .letter = 'v', .help = "show the version"};

// In front of the command.
inline constexpr Option kRoot{.name = "root",
                              .takes = Takes::Value,
                              .value = "DIR",
                              .complete = Complete::Directory,
                              .help = "keep the state of containers in DIR"};
inline constexpr Option kLog{.name = "log",
                             .takes = Takes::Value,
                             .value = "FILE",
                             .complete = Complete::File,
                             .help = "append messages to FILE; stderr gets errors"};
inline constexpr Option kLogFormat{.name = "log-format",
                                   .takes = Takes::Value,
                                   .value = "text|json",
                                   .help = "how messages are written: text or json"};
inline constexpr Option kLogLevel{.name = "log-level",
                                  .takes = Takes::Value,
                                  .value = "error|warning|info|debug",
                                  .help = "the least important message to write"};
inline constexpr Option kDebug{.name = "debug", .help = "as --log-level debug"};
inline constexpr Option kFailureStatus{.name = "failure-status",
                                       .takes = Takes::Value,
                                       .value = "NUMBER",
                                       .help = "exit so where we fail (default: 1)"};
inline constexpr Option kRootless{.name = "rootless",
                                  .takes = Takes::Word,
                                  .value = "true|false|auto",
                                  .help = "accepted; it is found out (auto)"};
inline constexpr Option kSystemdCgroup{.name = "systemd-cgroup",
                                       .help = "as --cgroup-manager systemd"};
inline constexpr Option kCgroupManager{.name = "cgroup-manager",
                                       .takes = Takes::Value,
                                       .value = "cgroupfs|systemd|disabled",
                                       .help = "who makes cgroups; disabled: nobody"};

// create, run, and partly exec.
inline constexpr Option kBundle{.name = "bundle",
                                .letter = 'b',
                                .takes = Takes::Value,
                                .value = "DIR",
                                .complete = Complete::Directory,
                                .help = "the bundle (default: the current directory)"};
inline constexpr Option kConfig{.name = "config",
                                .letter = 'f',
                                .takes = Takes::Value,
                                .value = "FILE",
                                .complete = Complete::File,
                                .help = "read FILE instead of the bundle's config.json"};
inline constexpr Option kConsoleSocket{.name = "console-socket",
                                       .takes = Takes::Value,
                                       .value = "SOCKET",
                                       .complete = Complete::File,
                                       .help = "send the terminal's master to this unix socket"};
inline constexpr Option kPidfdSocket{.name = "pidfd-socket",
                                     .takes = Takes::Value,
                                     .value = "SOCKET",
                                     .complete = Complete::File,
                                     .help = "send a pidfd of the process to this unix socket"};
inline constexpr Option kPidFile{.name = "pid-file",
                                 .takes = Takes::Value,
                                 .value = "FILE",
                                 .complete = Complete::File,
                                 .help = "write the process id to FILE"};
inline constexpr Option kOomFile{.name = "oom-file",
                                 .takes = Takes::Value,
                                 .value = "FILE",
                                 .complete = Complete::File,
                                 .help = "make FILE when a process dies for want of memory"};
inline constexpr Option kNoPivot{.name = "no-pivot",
                                 .help = "move the root, for ramdisks; no pivot_root"};
inline constexpr Option kNoNewKeyring{.name = "no-new-keyring",
                                      .help = "keep the caller's session keyring"};
inline constexpr Option kPreserveFds{.name = "preserve-fds",
                                     .takes = Takes::Value,
                                     .value = "N",
                                     .help = "pass N more descriptors, from 3 on"};
inline constexpr Option kDetach{
    .name = "detach", .letter = 'd', .help = "return as soon as the program runs"};
inline constexpr Option kKeep{.name = "keep", .help = "keep the container when it has ended"};
inline constexpr Option kNoSubreaper{.name = "no-subreaper",
                                     .help = "accepted; this runtime never is a subreaper"};
inline constexpr Option kDryRun{.name = "dry-run",
                                .help = "print what would be done, start nothing"};

// exec
inline constexpr Option kProcess{.name = "process",
                                 .letter = 'p',
                                 .takes = Takes::Value,
                                 .value = "FILE",
                                 .complete = Complete::File,
                                 .help = "read the process from FILE (a process object)"};
inline constexpr Option kCap{
    .name = "cap", .letter = 'c', .takes = Takes::List, .value = "CAP", .help = "add a capability"};
inline constexpr Option kCwd{
    .name = "cwd", .takes = Takes::Value, .value = "DIR", .help = "the working directory, inside"};
inline constexpr Option kEnv{.name = "env",
                             .letter = 'e',
                             .takes = Takes::List,
                             .value = "NAME=VALUE",
                             .help = "set an environment variable"};
inline constexpr Option kUser{.name = "user",
                              .letter = 'u',
                              .takes = Takes::Value,
                              .value = "UID[:GID]",
                              .help = "run as this user, inside"};
inline constexpr Option kAdditionalGids{.name = "additional-gids",
                                        .letter = 'g',
                                        .takes = Takes::List,
                                        .value = "GID",
                                        .help = "add a supplementary group"};
inline constexpr Option kApparmor{.name = "apparmor",
                                  .takes = Takes::Value,
                                  .value = "PROFILE",
                                  .help = "run under this AppArmor profile"};
inline constexpr Option kProcessLabel{.name = "process-label",
                                      .takes = Takes::Value,
                                      .value = "LABEL",
                                      .help = "run with this SELinux label"};
inline constexpr Option kNoNewPrivs{.name = "no-new-privs", .help = "forbid new privileges"};
inline constexpr Option kTty{.name = "tty", .letter = 't', .help = "give it a terminal"};
inline constexpr Option kIgnorePaused{.name = "ignore-paused",
                                      .help = "in a paused container: wait until it goes on"};
inline constexpr Option kCgroup{.name = "cgroup",
                                .takes = Takes::Value,
                                .value = "PATH",
                                .help = "run in this cgroup below the container's"};

// update
inline constexpr Option kResources{.name = "resources",
                                   .letter = 'r',
                                   .takes = Takes::Value,
                                   .value = "FILE",
                                   .complete = Complete::File,
                                   .help = "read linux.resources from FILE; -: stdin"};
inline constexpr Option kMemory{.name = "memory",
                                .letter = 'm',
                                .takes = Takes::Value,
                                .value = "BYTES",
                                .help = "limit memory; -1: none; as 512m"};
inline constexpr Option kMemoryReservation{.name = "memory-reservation",
                                           .takes = Takes::Value,
                                           .value = "BYTES",
                                           .help = "memory that is not taken away"};
inline constexpr Option kMemorySwap{.name = "memory-swap",
                                    .takes = Takes::Value,
                                    .value = "BYTES",
                                    .help = "limit memory with swap; -1: none for swap"};
inline constexpr Option kCpuShare{
    .name = "cpu-share", .takes = Takes::Value, .value = "N", .help = "weight, 2 to 262144"};
inline constexpr Option kCpuQuota{.name = "cpu-quota",
                                  .takes = Takes::Value,
                                  .value = "USEC",
                                  .help = "processor time in a period; -1: no limit"};
inline constexpr Option kCpuBurst{.name = "cpu-burst",
                                  .takes = Takes::Value,
                                  .value = "USEC",
                                  .help = "unused time that may be saved up"};
inline constexpr Option kCpuPeriod{
    .name = "cpu-period", .takes = Takes::Value, .value = "USEC", .help = "length of a period"};
inline constexpr Option kCpuIdle{.name = "cpu-idle",
                                 .takes = Takes::Value,
                                 .value = "0|1",
                                 .help = "1: runs when nothing else does"};
inline constexpr Option kCpusetCpus{
    .name = "cpuset-cpus", .takes = Takes::Value, .value = "LIST", .help = "processors, as 0-3,7"};
inline constexpr Option kCpusetMems{
    .name = "cpuset-mems", .takes = Takes::Value, .value = "LIST", .help = "memory nodes, as 0,1"};
inline constexpr Option kBlkioWeight{
    .name = "blkio-weight", .takes = Takes::Value, .value = "N", .help = "weight, 10 to 1000"};
inline constexpr Option kPidsLimit{.name = "pids-limit",
                                   .takes = Takes::Value,
                                   .value = "N",
                                   .help = "most processes and threads; -1: no limit"};
inline constexpr std::string_view kOldCgroups = "only the first version of cgroups has it";
inline constexpr std::string_view kNoRdt = "Intel RDT needs privileges";
inline constexpr Option kCpuRtRuntime{.name = "cpu-rt-runtime",
                                      .takes = Takes::Value,
                                      .value = "USEC",
                                      .help = "",
                                      .missing = kOldCgroups};
inline constexpr Option kCpuRtPeriod{.name = "cpu-rt-period",
                                     .takes = Takes::Value,
                                     .value = "USEC",
                                     .help = "",
                                     .missing = kOldCgroups};
inline constexpr Option kKernelMemory{.name = "kernel-memory",
                                      .takes = Takes::Value,
                                      .value = "BYTES",
                                      .help = "",
                                      .missing = kOldCgroups};
inline constexpr Option kKernelMemoryTcp{.name = "kernel-memory-tcp",
                                         .takes = Takes::Value,
                                         .value = "BYTES",
                                         .help = "",
                                         .missing = kOldCgroups};
inline constexpr Option kL3Schema{.name = "l3-cache-schema",
                                  .takes = Takes::Value,
                                  .value = "SCHEMA",
                                  .help = "",
                                  .missing = kNoRdt};
inline constexpr Option kBandwidthSchema{.name = "mem-bw-schema",
                                         .takes = Takes::Value,
                                         .value = "SCHEMA",
                                         .help = "",
                                         .missing = kNoRdt};

// events
inline constexpr Option kStats{.name = "stats", .help = "once, and only what it uses"};
inline constexpr Option kInterval{
    .name = "interval", .takes = Takes::Value, .value = "TIME", .help = "how often (default: 5s)"};

// The others.
inline constexpr Option kAll{
    .name = "all", .letter = 'a', .help = "signal every process of the container"};
inline constexpr Option kRegex{.name = "regex",
                               .letter = 'r',
                               .help = "ID is a regular expression: every container it matches"};
inline constexpr Option kForce{
    .name = "force", .letter = 'f', .help = "kill it first; no error when there is none"};
inline constexpr Option kFormat{.name = "format",
                                .letter = 'f',
                                .takes = Takes::Value,
                                .value = "table|json",
                                .help = "table (the default) or json"};
inline constexpr Option kQuiet{.name = "quiet", .letter = 'q', .help = "only the ids"};
inline constexpr Option kSpecRootless{.name = "rootless",
                                      .help = "write id mappings and share the network"};
inline constexpr Option kSpecFile{.name = "config",
                                  .letter = 'f',
                                  .takes = Takes::Value,
                                  .value = "FILE",
                                  .complete = Complete::File,
                                  .help = "write FILE instead of config.json"};

inline constexpr std::array kGlobalOptions{
    &kRoot,          &kLog,           &kLogFormat,     &kLogLevel, &kDebug, &kRootless,
    &kSystemdCgroup, &kCgroupManager, &kFailureStatus, &kVersion,  &kHelp};
inline constexpr std::array kCreateOptions{&kBundle,      &kConfig,  &kConsoleSocket, &kPidfdSocket,
                                           &kPidFile,     &kNoPivot, &kNoNewKeyring,  &kPreserveFds,
                                           &kNoSubreaper, &kHelp};
inline constexpr std::array kRunOptions{
    &kBundle, &kConfig, &kDetach,  &kConsoleSocket, &kPidfdSocket, &kPidFile,     &kOomFile,
    &kKeep,   &kDryRun, &kNoPivot, &kNoNewKeyring,  &kPreserveFds, &kNoSubreaper, &kHelp};
inline constexpr std::array kExecOptions{
    &kProcess,  &kTty,          &kDetach,      &kConsoleSocket,  &kPidfdSocket, &kPidFile,
    &kCwd,      &kEnv,          &kUser,        &kAdditionalGids, &kCap,         &kNoNewPrivs,
    &kApparmor, &kProcessLabel, &kPreserveFds, &kIgnorePaused,   &kCgroup,      &kHelp};
inline constexpr std::array kKillOptions{&kAll, &kRegex, &kHelp};
inline constexpr std::array kDeleteOptions{&kForce, &kRegex, &kHelp};
inline constexpr std::array kListOptions{&kFormat, &kQuiet, &kHelp};
inline constexpr std::array kPsOptions{&kFormat, &kHelp};
inline constexpr std::array kSpecOptions{&kBundle, &kSpecFile, &kSpecRootless, &kHelp};
inline constexpr std::array kUpdateOptions{
    &kResources,    &kMemory,          &kMemoryReservation, &kMemorySwap,      &kCpuShare,
    &kCpuQuota,     &kCpuBurst,        &kCpuPeriod,         &kCpuIdle,         &kCpusetCpus,
    &kCpusetMems,   &kBlkioWeight,     &kPidsLimit,         &kCpuRtRuntime,    &kCpuRtPeriod,
    &kKernelMemory, &kKernelMemoryTcp, &kL3Schema,          &kBandwidthSchema, &kHelp};
inline constexpr std::array kEventsOptions{&kStats, &kInterval, &kHelp};
inline constexpr std::array kHelpOnly{&kHelp};

inline constexpr Command kCreate{.name = "create",
                                 .arguments = "ID",
                                 .summary = "make a container that waits for `start`",
                                 .options = kCreateOptions,
                                 .least = 1,
                                 .most = 1,
                                 .complete = Complete::Nothing};
inline constexpr Command kStart{.name = "start",
                                .arguments = "ID",
                                .summary = "start the program of a created container",
                                .options = kHelpOnly,
                                .least = 1,
                                .most = 1};
inline constexpr Command kRun{.name = "run",
                              .arguments = "ID",
                              .summary = "make a container, start it, and delete it when it ended",
                              .options = kRunOptions,
                              .least = 1,
                              .most = 1,
                              .complete = Complete::Nothing};
inline constexpr Command kExec{.name = "exec",
                               .arguments = "ID COMMAND [ARGUMENT...]",
                               .summary = "run a program in a container",
                               .options = kExecOptions,
                               .least = 1,
                               .most = SIZE_MAX,
                               .behind = Behind::Verbatim};
inline constexpr Command kKill{.name = "kill",
                               .arguments = "ID [SIGNAL]",
                               .summary = "send a signal (default: TERM) to a container",
                               .options = kKillOptions,
                               .least = 1,
                               .most = 2};
inline constexpr Command kDelete{.name = "delete",
                                 .arguments = "ID",
                                 .summary = "delete a container that has ended",
                                 .options = kDeleteOptions,
                                 .least = 1,
                                 .most = 1};
inline constexpr Command kState{.name = "state",
                                .arguments = "ID",
                                .summary = "print a container's state as JSON",
                                .options = kHelpOnly,
                                .least = 1,
                                .most = 1};
inline constexpr Command kList{.name = "list",
                               .summary = "list the containers",
                               .options = kListOptions,
                               .complete = Complete::Nothing};
inline constexpr Command kPs{.name = "ps",
                             .arguments = "ID [PS-OPTION...]",
                             .summary = "list the processes of a container",
                             .options = kPsOptions,
                             .least = 1,
                             .most = SIZE_MAX,
                             .behind = Behind::Verbatim};
inline constexpr Command kSpec{.name = "spec",
                               .summary = "write a config.json to start from",
                               .options = kSpecOptions,
                               .complete = Complete::Nothing};
inline constexpr Command kFeatures{.name = "features",
                                   .summary = "print what this runtime can do as JSON",
                                   .options = kHelpOnly,
                                   .complete = Complete::Nothing};

inline constexpr Command kPause{.name = "pause",
                                .arguments = "ID",
                                .summary = "stop all processes of a container where they are",
                                .options = kHelpOnly,
                                .least = 1,
                                .most = 1};
inline constexpr Command kResume{.name = "resume",
                                 .arguments = "ID",
                                 .summary = "let the processes of a paused container go on",
                                 .options = kHelpOnly,
                                 .least = 1,
                                 .most = 1};
inline constexpr Command kUpdate{.name = "update",
                                 .arguments = "ID",
                                 .summary = "change the limits of a container",
                                 .options = kUpdateOptions,
                                 .least = 1,
                                 .most = 1};
inline constexpr Command kEvents{.name = "events",
                                 .arguments = "ID",
                                 .summary = "tell what a container uses, as JSON",
                                 .options = kEventsOptions,
                                 .least = 1,
                                 .most = 1};
inline constexpr Command kCheckpoint{
    .name = "checkpoint", .arguments = "ID", .summary = "", .missing = kCheckpointMissing};
inline constexpr Command kRestore{
    .name = "restore", .arguments = "ID", .summary = "", .missing = kCheckpointMissing};

inline constexpr std::array kCommands{
    &kCreate, &kStart,    &kRun,   &kExec,   &kKill,   &kDelete, &kState,      &kList,   &kPs,
    &kSpec,   &kFeatures, &kPause, &kResume, &kUpdate, &kEvents, &kCheckpoint, &kRestore};

inline constexpr Program kProgram{.name = "wolffia-oci",
                                  .summary = "Runs OCI bundles for people who have no root.",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion};

}  // namespace wolffia::cli::runtime
