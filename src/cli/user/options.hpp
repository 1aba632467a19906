// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "cli/option.hpp"

/// The command line of wolffia, in the words people know from podman and apptainer.
namespace wolffia::cli::user {

inline constexpr Option kHelp{.name = "help", .letter = 'h', .help = "show this and exit"};
inline constexpr Option kVersion{.name = "version", .help = "show the version and exit"};

inline constexpr Option kInteractive{
    .name = "interactive", .letter = 'i', .help = "keep standard input connected"};
inline constexpr Option kTty{.name = "tty", .letter = 't', .help = "give the program a terminal"};
inline constexpr Option kVolume{.name = "volume",
                                .letter = 'v',
                                .takes = Takes::List,
                                .value = "SOURCE:TARGET[:ro]",
                                .complete = Complete::Directory,
                                .help = "show a file or directory of the host inside"};
inline constexpr Option kEnv{.name = "env",
                             .letter = 'e',
                             .takes = Takes::List,
                             .value = "NAME[=VALUE]",
                             .help = "set a variable, or pass the host's on"};
inline constexpr Option kWorkdir{.name = "workdir",
                                 .letter = 'w',
                                 .takes = Takes::Value,
                                 .value = "DIR",
                                 .help = "the working directory, inside"};
inline constexpr Option kHere{.name = "here", .help = "show the current directory and start there"};
inline constexpr Option kNet{.name = "net",
                             .takes = Takes::Value,
                             .value = "none|host",
                             .help = "none: only lo (default); host: the host's"};
inline constexpr Option kHostname{
    .name = "hostname", .takes = Takes::Value, .value = "NAME", .help = "the host name, inside"};
inline constexpr Option kReadOnly{.name = "read-only",
                                  .help = "DIR stays as it is; /tmp and /run can change"};
inline constexpr Option kDryRun{.name = "dry-run",
                                .help = "print what would be done, start nothing"};

inline constexpr std::array<const Option*, 11> kRunOptions{
    &kHelp, &kInteractive, &kTty,      &kVolume,   &kEnv,   &kWorkdir,
    &kHere, &kNet,         &kHostname, &kReadOnly, &kDryRun};

inline constexpr Command kRun{.name = "run",
                              .arguments = "DIR [COMMAND [ARG...]]",
                              .summary = "run a command in a root directory or a bundle",
                              .options = kRunOptions,
                              .least = 1,
                              .most = SIZE_MAX,
                              .behind = Behind::Verbatim,
                              .complete = Complete::Directory};

inline constexpr std::array<const Option*, 2> kGlobalOptions{&kHelp, &kVersion};
inline constexpr std::array<const Command*, 1> kCommands{&kRun};

inline constexpr Program kProgram{.name = "wolffia",
                                  .summary = "runs directories and OCI bundles without root",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion};

}  // namespace wolffia::cli::user
