// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "base/quote.hpp"
#include "base/version.hpp"
#include "overlay/command_line.hpp"
#include "overlay/descriptors.hpp"
#include "overlay/keeper.hpp"
#include "sys/close_others.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::overlay {
namespace {

void print_failure(std::string_view why) {
  (void)sys::write_all(sys::BorrowedFd(STDERR_FILENO).fd(), cat("wolffia-overlay: ", why, "\n"));
}

/// The place where the kernel's list of mounts will have it.
Result<std::string> resolve_point(const std::string& point) {
  const std::string name = quoted_if_needed(point);
  const auto found = sys::stat_at(sys::cwd(), point.c_str());
  if (!found && found.error().is(ENOTCONN))
    return Error::because(ENOTCONN, cat("a file system whose server died is mounted on ", name,
                                        ": take it away with fusermount3 -u -z ", name));
  if (!found && found.error().is(ENOENT))
    return Error::because(ENOENT, cat("cannot mount on ", name, ": it does not exist"));
  const struct stat status = TRY(found, "cannot mount on ", name);
  if (!S_ISDIR(status.st_mode))
    return Error::because(ENOTDIR, cat("cannot mount on ", name, ": it is no directory"));
  return TRY(sys::resolve(point.c_str()), "cannot mount on ", name);
}

Result<void> prepare(CommandLine& line) {
  line.mount.point = TRY(resolve_point(line.mount.point));
  struct Passed {
    const char* name;
    int number;
  };
  for (const Passed& it : {Passed{"--exit-fd", line.exit_fd}, Passed{"--ready-fd", line.ready_fd}})
    if (it.number >= 0 && !sys::is_open(it.number))
      return Error::because(EBADF, cat(it.name, " names descriptor ", it.number,
                                       ", which is not open: leave it open for this program"));
  std::vector<int> keep = descriptors_of(line.options);
  keep.insert(keep.end(), {line.exit_fd, line.ready_fd});
  TRY(sys::close_all_but(std::move(keep)), "close other files");
  return sys::change_directory("/");  // not to hold the caller's
}

void tell_ready(const CommandLine& line) {
  if (line.ready_fd < 0) return;
  (void)sys::write_all(sys::BorrowedFd(line.ready_fd).fd(), "+");
  ::close(line.ready_fd);
}

int run_in_foreground(const CommandLine& line) {
  std::string why;
  const int status = keep(
      line, [&] { tell_ready(line); }, why);
  if (!why.empty()) print_failure(why);
  return status;
}

/// The process in the background, with which the daemon's life is told through `answer`: a byte
/// when it serves, or a sentence.
[[noreturn]] void run_in_background(const CommandLine& line, sys::Fd answer) {
  std::string why;
  (void)sys::start_session();
  const auto served = [&] {
    tell_ready(line);
    (void)sys::write_all(answer, "+");
    answer.reset();
    const auto nothing = sys::open_at(sys::cwd(), "/dev/null", O_RDWR);
    for (int number = STDIN_FILENO; nothing && number <= STDERR_FILENO; ++number)
      (void)sys::place_at(*nothing, number);
  };
  const int status = keep(line, served, why);
  if (answer) (void)sys::write_all(answer, why.empty() ? "it ended before it served" : why);
  ::_exit(status);
}

Result<int> run(CommandLine line) {
  TRY(prepare(line));
  if (line.foreground) return run_in_foreground(line);
  auto [reading, writing] = TRY(sys::make_pipe(0));
  const sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) {
    reading.reset();
    run_in_background(line, std::move(writing));
  }
  writing.reset();
  const std::string answer = TRY(sys::read_all(reading, 1 << 20));
  if (answer == "+") return kEnded;
  print_failure(answer.empty() ? "the process in the background was killed" : answer);
  return kFailed;
}

Result<int> answer(std::span<const char* const> words) {
  const std::string directory = TRY(sys::working_directory(), "the current directory");
  CommandLine line = TRY(parse_command_line(words, directory));
  if (line.ask == Ask::Serve) return run(std::move(line));
  const std::string text = line.ask == Ask::Help ? help_text()
                                                 : cat("wolffia-overlay version ", kVersion,
                                                       "\ncommit: ", kCommit, "\n");
  TRY(sys::write_all(sys::BorrowedFd(STDOUT_FILENO).fd(), text), "standard output");
  return kEnded;
}

}  // namespace
}  // namespace wolffia::overlay

int main(int argc, char** argv) {
  using namespace wolffia::overlay;
  if (!wolffia::sys::fill_standard_streams()) return kFailed;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    const auto status = answer({argv + (argc > 0 ? 1 : 0), words});
    if (status) return *status;
    print_failure(status.error().message());
  } catch (const std::bad_alloc&) {
    print_failure("there is no memory left");
  }
  return kFailed;
}
