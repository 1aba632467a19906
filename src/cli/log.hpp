// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/log_daemon.hpp"
#include "cli/log_level.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

enum class Format : uint8_t { Text, Json };

/// The level "error", "warning", "info" or "debug"; nullopt: no such level.
std::optional<Level> parse_level(std::string_view word);

struct LogOptions {
  std::string program;  // in front of messages to a person
  std::string file;     // a path, "file:" and a path, or a daemon's; empty: standard error
  std::optional<Format> format;
  std::optional<Level> level;  // nullopt: Error with a file, whose readers expect one record; else
                               // Warning
};

/// Where the command line's messages go: records to --log, its file or daemon, or sentences to
/// standard error. An error goes to standard error in any case, as that is what conmon shows.
class Log {
 public:
  /// Opens the file for appending, through links as any redirection would: it is the caller's
  /// path, used with the caller's rights. crun's "journald:NAME" and "syslog:NAME" are known too.
  static Result<Log> open(LogOptions options);

  void error(std::string_view message) const { write(Level::Error, message); }
  void warning(std::string_view message) const { write(Level::Warning, message); }
  void info(std::string_view message) const { write(Level::Info, message); }
  void debug(std::string_view message) const { write(Level::Debug, message); }

 private:
  Log(LogOptions options, sys::Fd file, std::optional<LogDaemon> daemon)
      : options_(std::move(options)), file_(std::move(file)), daemon_(std::move(daemon)) {}
  void write(Level level, std::string_view message) const;

  LogOptions options_;
  sys::Fd file_;  // empty without a daemon as well: standard error
  std::optional<LogDaemon> daemon_;
};

/// One line as --log holds it: runc's logfmt (`time="…" level=error msg="…"`) or one JSON object.
/// `now` is seconds since the epoch; the time is written as RFC 3339 in UTC.
std::string record(Format format, Level level, std::string_view message, time_t now);

/// One line for a person: "wolffia-oci: no such container", "wolffia-oci: warning: …".
std::string sentence(std::string_view program, Level level, std::string_view message);

}  // namespace wolffia::cli
