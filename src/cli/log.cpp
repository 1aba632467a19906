// SPDX-License-Identifier: Apache-2.0
#include "cli/log.hpp"

#include <fcntl.h>

#include <array>

#include "base/quote.hpp"
#include "base/utc.hpp"
#include "cli/output.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"

namespace wolffia::cli {
namespace {

struct LevelName {
  std::string_view word;
  Level level;
};

// The words are those of logrus, whose records callers read.
constexpr std::array kLevels{LevelName{"error", Level::Error}, LevelName{"warning", Level::Warning},
                             LevelName{"info", Level::Info}, LevelName{"debug", Level::Debug}};

std::string_view name_of(Level level) {
  for (const LevelName& name : kLevels)
    if (name.level == level) return name.word;
  return {};
}

std::string rfc3339(time_t now) {
  return cat(utc_seconds(now), "Z");
}

/// The file that --log names: a path, or crun's "file:PATH".
std::string file_of(const std::string& target) {
  constexpr std::string_view kFile = "file:";
  return target.starts_with(kFile) ? target.substr(kFile.size()) : target;
}

}  // namespace

std::optional<Level> parse_level(std::string_view word) {
  for (const LevelName& name : kLevels)
    if (name.word == word) return name.level;
  return {};
}

std::string record(Format format, Level level, std::string_view message, time_t now) {
  if (format == Format::Text)
    return cat("time=\"", rfc3339(now), "\" level=", name_of(level),
               " msg=", quoted(message, std::string_view::npos), "\n");
  json::Writer out;
  out.begin_object();
  out.member("level", name_of(level)).member("msg", message).member("time", rfc3339(now));
  out.end_object();
  return std::move(out).take() + "\n";
}

std::string sentence(std::string_view program, Level level, std::string_view message) {
  const bool named = level != Level::Error;
  return cat(program, ": ", named ? name_of(level) : "", named ? ": " : "", printable(message),
             "\n");
}

Result<Log> Log::open(LogOptions options) {
  sys::Fd file;
  std::optional<LogDaemon> daemon = TRY(find_log_daemon(options.file));
  if (!options.file.empty() && !daemon) {
    const std::string path = file_of(options.file);
    file =
        TRY(sys::open_at(sys::cwd(), path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0644),
            "--log ", quoted_if_needed(path));
  }
  return Log(std::move(options), std::move(file), std::move(daemon));
}

void Log::write(Level level, std::string_view message) const {
  const bool elsewhere = file_ || daemon_;
  const Level most = options_.level.value_or(elsewhere ? Level::Error : Level::Warning);
  if (level > most) return;
  const time_t now = std::time(nullptr);
  if (file_)  // a full disk must not hide the message: it follows on standard error
    (void)sys::write_all(file_,
                         record(options_.format.value_or(Format::Text), level, message, now));
  if (daemon_) (void)tell_daemon(*daemon_, level, message);
  if (elsewhere && level != Level::Error) return;
  const bool as_record = !elsewhere && options_.format.has_value();
  print_message(as_record ? record(*options_.format, level, message, now)
                          : sentence(options_.program, level, message));
}

}  // namespace wolffia::cli
