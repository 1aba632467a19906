// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <deque>

#include "base/quote.hpp"
#include "base/utc.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/log_file.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "cli/user/values.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr uint32_t kMostFiles = 1000;
constexpr int kLookAgain = 100;  // milliseconds
constexpr size_t kAtOnce = 64 << 10;

/// The log's files, the oldest first.
std::vector<sys::Fd> open_files(const sys::Fd& directory) {
  std::vector<sys::Fd> files;
  for (uint32_t i = 0; i < kMostFiles; ++i) {
    const std::string name = i == 0 ? "log" : cat("log.", i);
    auto file = sys::open_at(directory, name.c_str(), O_RDONLY | O_NOFOLLOW);
    if (!file) break;
    files.insert(files.begin(), std::move(file).value());
  }
  return files;
}

/// What of a log is wanted.
struct Wanted {
  bool timestamps = false;
  std::optional<uint64_t> tail;
  std::string since, until;  // as lines have their time, or the beginning of that; empty: any
};

/// A time as lines of logs have it, in UTC: so written, or how long ago it was.
Result<std::string> parse_time(const Option& option, const Arguments& arguments) {
  const std::string text(arguments.value(option));
  if (text.empty()) return text;
  const bool is_date = text.find_first_not_of("0123456789-T:.Z") == std::string::npos;
  if (is_date && text.find('-') == 4) return text.substr(0, text.find('Z'));
  const auto ago = parse_duration(cat("--", option.name), text);
  if (!ago)
    return Error::because(EINVAL, cat("--", option.name, " ", quoted(text),
                                      " must be a time in UTC, as 2026-01-31T08:00:00Z, or how ",
                                      "long ago it was, as 90, 10m or 2h"));
  return utc_seconds(::time(nullptr) - static_cast<time_t>(*ago));
}

Result<Wanted> read_wanted(const Arguments& arguments) {
  Wanted wanted;
  wanted.timestamps = arguments.has(kTimestamps);
  if (arguments.has(kTail) && arguments.value(kTail) != "all")
    wanted.tail = TRY(arguments.number(kTail, 0, UINT32_MAX));
  wanted.since = TRY(parse_time(kSince, arguments));
  wanted.until = TRY(parse_time(kUntil, arguments));
  return wanted;
}

/// Prints lines as they come, or keeps the last ones until flush().
class Printer {
 public:
  explicit Printer(Wanted wanted) : wanted_(std::move(wanted)), tail_(wanted_.tail) {}

  Result<void> add(std::string_view bytes) {
    rest_ += bytes;
    for (size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      TRY(line(std::string_view(rest_).substr(0, end)));
      rest_.erase(0, end + 1);
    }
    return {};
  }

  /// The last lines are known: from now on all are printed at once.
  Result<void> flush() {
    for (const auto& [text, stream] : last_)
      TRY(write(text, stream));
    last_.clear();
    tail_.reset();
    return {};
  }

 private:
  Result<void> line(std::string_view text) {
    const LogLine parsed = TRY(parse_log_line(text));
    const std::string_view time = parsed.time.substr(0, parsed.time.find('Z'));
    if (time < wanted_.since) return {};
    if (!wanted_.until.empty() && time > wanted_.until) return {};
    std::string shown = wanted_.timestamps && !goes_on_ ? cat(parsed.time, " ") : std::string();
    shown += cat(parsed.text, parsed.whole ? "\n" : "");
    goes_on_ = !parsed.whole;
    if (!tail_) return write(shown, parsed.stream);
    if (!joins_ || last_.empty())
      last_.emplace_back(std::move(shown), parsed.stream);
    else
      last_.back().first += shown;
    joins_ = goes_on_;
    if (last_.size() > *tail_) last_.pop_front();
    return {};
  }

  static Result<void> write(std::string_view text, Stream stream) {
    if (stream == Stream::Out) return print(text);
    print_message(text);
    return {};
  }

  Wanted wanted_;
  std::optional<uint64_t> tail_;
  std::deque<std::pair<std::string, Stream>> last_;
  std::string rest_;
  bool goes_on_ = false;
  bool joins_ = false;
};

Result<void> print_rest(const sys::Fd& file, Printer& printer) {
  std::array<char, kAtOnce> buffer;
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0) return Error::last("read");
    if (size == 0) return {};
    TRY(printer.add({buffer.data(), static_cast<size_t>(size)}));
  }
}

/// Whether "log" is another file by now than `file`.
bool was_rotated(const sys::Fd& directory, const sys::Fd& file) {
  const auto ours = sys::stat_fd(file);
  const auto now = sys::stat_at(directory, "log");
  return ours && now && ours->st_ino != now->st_ino;
}

bool is_live(const Session& session, const std::string& id) {
  auto directory = session.containers.find(id);
  if (!directory) return false;
  const auto known = examine(std::move(directory).value());
  return known && (known->phase == Phase::Running || known->phase == Phase::Starting);
}

/// Until the container has ended and everything was read.
Result<void> follow(const Session& session, const Known& known, sys::Fd file, Printer& printer) {
  for (;;) {
    const bool live = is_live(session, known.record.id);  // asked first: what came before is read
    TRY(print_rest(file, printer));
    if (was_rotated(known.directory.fd, file)) {
      file = TRY(sys::open_at(known.directory.fd, "log", O_RDONLY | O_NOFOLLOW), "log");
      continue;
    }
    if (!live) return {};
    (void)::poll(nullptr, 0, kLookAgain);
  }
}

}  // namespace

Result<int> run_logs(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  if (!known.record.detached)
    return Error::because(ENOENT, cat("container ", known.record.id,
                                      " ran in the foreground: its output was not kept"));
  Printer printer(TRY(read_wanted(arguments)));
  std::vector<sys::Fd> files = open_files(known.directory.fd);
  for (const sys::Fd& file : files)
    TRY(print_rest(file, printer));
  TRY(printer.flush());
  if (arguments.has(kFollow) && !files.empty())
    TRY(follow(session, known, std::move(files.back()), printer));
  return 0;
}

}  // namespace wolffia::cli::user
