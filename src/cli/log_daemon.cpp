// SPDX-License-Identifier: Apache-2.0
#include "cli/log_daemon.hpp"

#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "sys/datagram.hpp"
#include "sys/file.hpp"

namespace wolffia::cli {
namespace {

using Kind = LogDaemon::Kind;

struct Address {
  Kind kind;
  std::string_view prefix;
  const char* socket;
};

constexpr std::array kAddresses{
    Address{Kind::Journal, "journald:", "/run/systemd/journal/socket"},
    Address{Kind::Syslog, "syslog:", "/dev/log"},
};

/// One datagram holds no more by default, and daemons of syslog cut theirs far earlier.
constexpr size_t kLongestEntry = size_t{64} << 10U;
constexpr size_t kLongestLine = size_t{8} << 10U;

int severity(Level level) {
  constexpr std::array kSeverities{LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
  return kSeverities[static_cast<size_t>(level)];
}

/// The form for values with line ends: the length in eight bytes, the lowest first.
std::string journal_field(std::string_view name, std::string_view value) {
  std::string field = cat(name, "\n");
  for (unsigned shift = 0; shift < 64; shift += 8)
    field += static_cast<char>(uint64_t{value.size()} >> shift & 0xffU);
  return cat(field, value, "\n");
}

bool may_stand_in_a_line(char c) {
  return c > ' ' && c != '\x7f' && c != '[' && c != ':';
}

}  // namespace

Result<std::optional<LogDaemon>> find_log_daemon(const std::string& target) {
  for (const Address& row : kAddresses) {
    if (!target.starts_with(row.prefix)) continue;
    std::string name = target.substr(row.prefix.size());
    if (name.empty() || !std::all_of(name.begin(), name.end(), may_stand_in_a_line))
      return Error::because(EINVAL, cat("--log ", row.prefix, "NAME needs a name that lines stand ",
                                        "under, without spaces, \"[\" and \":\""));
    const auto socket = sys::stat_at(sys::cwd(), row.socket);
    if (!socket)
      return Error::because(ENOENT, cat("--log ", quoted_if_needed(target), ": nobody listens at ",
                                        row.socket, ": give it the path of a file"));
    return std::optional(LogDaemon{row.kind, std::move(name)});
  }
  return std::optional<LogDaemon>();
}

std::string daemon_record(const LogDaemon& daemon, Level level, std::string_view message,
                          pid_t pid) {
  if (daemon.kind == Kind::Journal)
    return cat("PRIORITY=", severity(level), "\nSYSLOG_IDENTIFIER=", daemon.name, "\n",
               journal_field("MESSAGE", message.substr(0, kLongestEntry)));
  const std::string line = printable(message.substr(0, kLongestLine));
  return cat("<", LOG_USER | severity(level), ">", daemon.name, "[", pid, "]: ", line);
}

Result<void> tell_daemon(const LogDaemon& daemon, Level level, std::string_view message) {
  const auto* row = std::ranges::find(kAddresses, daemon.kind, &Address::kind);
  return sys::send_datagram(row->socket, daemon_record(daemon, level, message, ::getpid()));
}

}  // namespace wolffia::cli
