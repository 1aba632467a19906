// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/log_level.hpp"

/// Messages to a daemon of the machine, which is what crun's "--log journald:NAME" and "--log
/// syslog:NAME" ask for.
namespace wolffia::cli {

struct LogDaemon {
  enum class Kind : uint8_t { Journal, Syslog };
  Kind kind = Kind::Journal;
  std::string name;  // that its lines stand under
};

/// The daemon that `target` names; nullopt: none, it is a file.
/// Errors: EINVAL without a name, or with one that would end a field; ENOENT where nobody listens.
Result<std::optional<LogDaemon>> find_log_daemon(const std::string& target);

/// One message as the daemon reads it; `pid` is ours.
/// Source: systemd's docs/JOURNAL_NATIVE_PROTOCOL.md; RFC 3164, section 4.1, and syslog(3).
std::string daemon_record(const LogDaemon& daemon, Level level, std::string_view message,
                          pid_t pid);

/// Sends it. Errors: those of sendto(2).
Result<void> tell_daemon(const LogDaemon& daemon, Level level, std::string_view message);

}  // namespace wolffia::cli
