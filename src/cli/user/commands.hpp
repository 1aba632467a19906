// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/options.hpp"

/// The commands of wolffia and their options: what is parsed, shown by --help and completed.
namespace wolffia::cli::user {

inline constexpr std::array kRunOptions{
    &kHelp,        &kInteractive, &kTty,     &kEntrypoint, &kEnv,       &kEnvFile,  &kCleanenv,
    &kWorkdir,     &kUser,        &kUserns,  &kGroup,      &kVolume,    &kMount,    &kTmpfs,
    &kDevice,      &kHere,        &kHome,    &kNoHome,     &kReadOnly,  &kCapAdd,   &kCapDrop,
    &kSecurityOpt, &kUlimit,      &kMemory,  &kCpus,       &kPidsLimit, &kStrict,   &kNet,
    &kNetwork,     &kDns,         &kAddHost, &kHostname,   &kPull,      &kPlatform, &kDryRun};

inline constexpr Command kRun{.name = "run",
                              .arguments = "IMAGE|DIR [COMMAND [ARG...]]",
                              .summary = "run a command in an image, a directory or a bundle",
                              .options = kRunOptions,
                              .least = 1,
                              .most = SIZE_MAX,
                              .behind = Behind::Verbatim,
                              .complete = Complete::Directory};

inline constexpr std::array<const Option*, 3> kDoctorOptions{&kHelp, &kJson, &kAppArmor};

inline constexpr Command kDoctor{.name = "doctor",
                                 .summary = "say what keeps containers from running, and the fix",
                                 .options = kDoctorOptions,
                                 .complete = Complete::Nothing};

inline constexpr std::array<const Option*, 3> kGlobalOptions{&kHelp, &kVersion, &kStore};
inline constexpr std::array<const Command*, 2> kCommands{&kRun, &kDoctor};

inline constexpr Program kProgram{.name = "wolffia",
                                  .summary = "runs images, directories and bundles without root",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion};

}  // namespace wolffia::cli::user
