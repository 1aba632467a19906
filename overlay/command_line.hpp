// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "overlay/options.hpp"

/// The command line of wolffia-overlay: that of fuse-overlayfs, of both its versions, with what
/// mount(8) and mount.fuse3(8) hand on. Pure: words in, structs out.
namespace wolffia::overlay {

/// How the file system is mounted. Where a flag of mount(8) is not given, mount.hpp decides.
struct MountOptions {
  std::string point;                       // absolute
  std::string source = "wolffia-overlay";  // what mount(8) shows as the device
  bool allow_other = false;                // asked for, so that it is an error where it cannot be
  bool allow_root = false;
  bool read_only = false;
  std::optional<bool> suid;
  std::optional<bool> dev;
  bool exec = true;
  bool clone_fd = true;    // a descriptor of /dev/fuse for each thread
  uint32_t max_write = 0;  // bytes of one request; 0: as many as the kernel takes
  bool debug = false;      // every request is told on standard error
};

enum class Ask : uint8_t { Serve, Help, Version };

struct CommandLine {
  Ask ask = Ask::Serve;
  Options options;
  MountOptions mount;
  bool foreground = false;
  int exit_fd = -1;   // the mount ends when this descriptor does
  int ready_fd = -1;  // gets one byte when the mount is served
};

/// As many as the kernel's overlayfs takes. Source: OVL_MAX_STACK in fs/overlayfs/params.h.
inline constexpr size_t kMaxLayers = 500;

/// Parses the words behind the program's name; relative paths begin at `directory`, an absolute
/// one. Ends at a word that asks for help or the version.
/// Errors: EINVAL, a sentence naming the option and what to change.
Result<CommandLine> parse_command_line(std::span<const char* const> words,
                                       std::string_view directory);

/// What --help prints.
std::string help_text();

}  // namespace wolffia::overlay
