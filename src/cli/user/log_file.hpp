// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/user/request.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user {

enum class Stream : bool { Out, Err };

/// The output of a detached container in files: "log", and "log.1", "log.2" … where that was full.
/// A line is "TIME stdout|stderr F|P TEXT"; P: the program's line goes on in the next one. Source:
/// the Kubernetes CRI log format.
class LogFile {
 public:
  static Result<LogFile> open(const sys::Fd& directory, const LogLimits& limits);

  /// Appends what came at `time` (RFC 3339). Each call writes whole lines, so that a killed
  /// supervisor leaves no half of one.
  Result<void> add(Stream stream, std::string_view bytes, std::string_view time);

 private:
  LogFile(const sys::Fd& directory, const LogLimits& limits)
      : directory_(&directory), limits_(limits) {}
  Result<void> open_file();
  Result<void> rotate();
  Result<void> flush(std::string& lines);
  const sys::Fd* directory_;
  LogLimits limits_;
  sys::Fd file_;
  uint64_t size_ = 0;
};

/// One line of the log.
struct LogLine {
  std::string_view time, text;
  Stream stream = Stream::Out;
  bool whole = true;
};
/// Errors: EINVAL for what LogFile cannot have written.
Result<LogLine> parse_log_line(std::string_view line);

}  // namespace wolffia::cli::user
