// SPDX-License-Identifier: Apache-2.0
#include "cli/user/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kLog = "log";

std::string numbered(uint32_t number) {
  return number == 0 ? std::string(kLog) : cat(kLog, ".", number);
}

/// The word in front of the next blank.
std::string_view take_word(std::string_view& rest) {
  const size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

}  // namespace

Result<LogFile> LogFile::open(const sys::Fd& directory, const LogLimits& limits) {
  LogFile log(directory, limits);
  TRY(log.open_file());
  return log;
}

Result<void> LogFile::open_file() {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW;
  file_ = TRY(sys::open_at(*directory_, kLog, kFlags, S_IRUSR | S_IWUSR), kLog);
  const struct stat status = TRY(sys::stat_fd(file_));
  size_ = static_cast<uint64_t>(status.st_size);
  return {};
}

Result<void> LogFile::rotate() {
  for (uint32_t i = limits_.max_files - 1; i > 0; --i)
    (void)sys::rename_entry(*directory_, numbered(i - 1).c_str(), numbered(i).c_str());
  if (limits_.max_files == 1) TRY(sys::remove_entry(*directory_, kLog));
  return open_file();
}

Result<void> LogFile::flush(std::string& lines) {
  size_ += lines.size();
  TRY(sys::write_all(file_, lines));
  lines.clear();
  return {};
}

Result<void> LogFile::add(Stream stream, std::string_view bytes, std::string_view time) {
  std::string lines;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const bool whole = end != std::string_view::npos;
    const std::string line = cat(time, stream == Stream::Out ? " stdout " : " stderr ",
                                 whole ? "F " : "P ", bytes.substr(0, end), "\n");
    bytes.remove_prefix(whole ? end + 1 : bytes.size());
    const uint64_t before = size_ + lines.size();
    if (limits_.max_size != 0 && before != 0 && before + line.size() > limits_.max_size) {
      TRY(flush(lines));
      TRY(rotate());
    }
    lines += line;
  }
  return flush(lines);
}

Result<LogLine> parse_log_line(std::string_view line) {
  LogLine parsed;
  parsed.time = take_word(line);
  const std::string_view stream = take_word(line);
  const std::string_view tag = take_word(line);
  if ((stream != "stdout" && stream != "stderr") || (tag != "F" && tag != "P"))
    return Error::because(EINVAL, "the log has a line that is none of ours");
  parsed.stream = stream == "stdout" ? Stream::Out : Stream::Err;
  parsed.whole = tag == "F";
  parsed.text = line;
  return parsed;
}

}  // namespace wolffia::cli::user
