// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

enum class Level : uint8_t { Error, Warning, Info, Debug };
enum class Format : uint8_t { Text, Json };

/// The level "error", "warning", "info" or "debug"; nullopt: no such level.
std::optional<Level> parse_level(std::string_view word);

struct LogOptions {
  std::string program;  // in front of messages to a person
  std::string file;     // a path, or "file:" and a path; empty: standard error
  std::optional<Format> format;
  std::optional<Level> level;  // nullopt: Error with a file, whose readers expect one record; else
                               // Warning
};

/// Where the command line's messages go: records to --log, or sentences to standard error. An
/// error goes to standard error in any case, as that is what conmon shows.
class Log {
 public:
  /// Opens the file for appending, through links as any redirection would: it is the caller's
  /// path, used with the caller's rights.
  /// Errors: ENOTSUP for crun's "journald:NAME" and "syslog:NAME".
  static Result<Log> open(LogOptions options);

  void error(std::string_view message) const { write(Level::Error, message); }
  void warning(std::string_view message) const { write(Level::Warning, message); }
  void info(std::string_view message) const { write(Level::Info, message); }
  void debug(std::string_view message) const { write(Level::Debug, message); }

 private:
  Log(LogOptions options, sys::Fd file) : options_(std::move(options)), file_(std::move(file)) {}
  void write(Level level, std::string_view message) const;

  LogOptions options_;
  sys::Fd file_;  // empty: standard error
};

/// One line as --log holds it: runc's logfmt (`time="…" level=error msg="…"`) or one JSON object.
/// `now` is seconds since the epoch; the time is written as RFC 3339 in UTC.
std::string record(Format format, Level level, std::string_view message, time_t now);

/// One line for a person: "wolffia-oci: no such container", "wolffia-oci: warning: …".
std::string sentence(std::string_view program, Level level, std::string_view message);

}  // namespace wolffia::cli
