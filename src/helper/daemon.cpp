// SPDX-License-Identifier: Apache-2.0
#include "helper/daemon.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "sys/file.hpp"
#include "sys/memfd.hpp"
#include "sys/session.hpp"
#include "sys/socket.hpp"

namespace wolffia::helper {
namespace {

constexpr size_t kWordsLimit = 64 << 10;
constexpr int kNotStarted = 127;

/// What a daemon needs of its starter.
struct Start {
  const std::vector<std::string>& argv;
  std::span<const int> inherited;
  const sys::Fd& ready;
  const sys::Fd& line;
  const sys::Fd& words;  // standard error
};

/// A sibling: its parent is the process that holds the line.
Result<sys::Cloned> clone_sibling() {
  auto cloned = sys::clone_process(CLONE_PARENT);
  if (!cloned && cloned.error().is(ENOSYS)) return sys::clone_process_legacy(CLONE_PARENT);
  return cloned;
}

Result<void> arrange(const Start& start) {
  TRY(sys::start_session());
  const sys::Fd nothing = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR), "/dev/null");
  for (const int number : {STDIN_FILENO, STDOUT_FILENO})
    TRY(sys::place_at(nothing, number));
  TRY(sys::place_at(start.words, STDERR_FILENO));
  for (const int number : start.inherited)
    TRY(sys::pass_on(number));
  TRY(sys::pass_on(start.ready.get()));
  return sys::pass_on(start.line.get());
}

[[noreturn]] void become_daemon(const Start& start) {
  std::vector<std::string> argv = start.argv;
  argv.insert(argv.begin() + 1,
              {"--ready-fd", cat(start.ready.get()), "--exit-fd", cat(start.line.get())});
  const auto arranged = arrange(start);
  std::string why;
  if (arranged) {
    const std::vector<char*> words = sys::exec_vector(argv);
    char* const nothing = nullptr;
    why = sys::execute(argv[0].c_str(), words, {&nothing, 1}).message();
  } else {
    why = arranged.error().message();
  }
  (void)sys::write_all(start.words, why);
  ::_exit(kNotStarted);
}

/// What the daemon said so far.
std::string read_words(const sys::Fd& words) {
  std::string said;
  if (sys::rewind(words))
    if (auto text = sys::read_all(words, kWordsLimit)) said = std::move(text).value();
  while (said.ends_with('\n'))
    said.pop_back();
  return said;
}

/// Why it does not serve.
Error refusal(const std::vector<std::string>& argv, const sys::Fd& words) {
  std::string said = read_words(words);
  const std::string own = cat(argv[0].substr(argv[0].rfind('/') + 1), ": ");
  if (said.empty()) said = "it ended before it served";
  return Error::because(ECHILD, said.starts_with(own) ? said : cat(own, said));
}

}  // namespace

Result<DaemonLine> DaemonLine::make() {
  auto [held, theirs] = TRY(sys::packet_pair());
  return DaemonLine(std::move(held), std::move(theirs));
}

struct DaemonLine::Cloned {
  pid_t pid;
  sys::Fd serves;  // brings a byte when it does
  sys::Fd words;
};

Result<DaemonLine::Cloned> DaemonLine::launch(const std::vector<std::string>& argv,
                                              std::span<const int> inherited) {
  auto [serves, ready] = TRY(sys::make_pipe(0));
  sys::Fd words = TRY(sys::memory_file("words"));
  const sys::Cloned daemon = TRY(clone_sibling());
  if (daemon.pid == 0) become_daemon({argv, inherited, ready, theirs_, words});
  return Cloned{daemon.pid, std::move(serves), std::move(words)};
}

Result<void> DaemonLine::start(const std::vector<std::string>& argv,
                               std::span<const int> inherited) {
  const Cloned daemon = TRY(launch(argv, inherited));
  const bool is_serving = !TRY(sys::read_all(daemon.serves, kWordsLimit)).empty();
  const pid_t number = is_serving ? daemon.pid : -daemon.pid;
  TRY(sys::send_packet(theirs_, std::as_bytes(std::span(&number, 1))));
  return is_serving ? Result<void>() : refusal(argv, daemon.words);
}

Result<sys::Fd> DaemonLine::begin(const std::vector<std::string>& argv,
                                  std::span<const int> inherited) {
  Cloned daemon = TRY(launch(argv, inherited));
  TRY(sys::send_packet(theirs_, std::as_bytes(std::span(&daemon.pid, 1)), &daemon.words));
  return std::move(daemon.serves);
}

Result<void> DaemonLine::look() {
  theirs_.reset();
  while (!daemon_ && TRY(sys::readable_within(held_, std::chrono::milliseconds(0)))) {
    pid_t number = 0;
    const auto bytes = std::as_writable_bytes(std::span(&number, 1));
    sys::Received received = TRY(sys::receive_packet(held_, bytes));
    if (received.size != sizeof number) break;
    words_ = std::move(received.attached);
    sys::PidFd daemon = TRY(sys::open_pidfd(std::abs(number)));
    if (number > 0)
      daemon_ = std::move(daemon);
    else
      TRY(sys::wait_for(daemon));  // it did not come to serve
  }
  return {};
}

Result<const sys::PidFd*> DaemonLine::process() {
  TRY(look());
  if (!daemon_) held_.reset();
  return &daemon_;
}

Result<bool> DaemonLine::has_died() {
  TRY(look());
  return daemon_ && TRY(sys::ended_within(daemon_, std::chrono::milliseconds(0)));
}

Result<void> DaemonLine::finish() {
  const bool died = TRY(has_died());
  held_.reset();
  if (!daemon_) return {};
  const sys::Ended ended = TRY(sys::wait_for(daemon_));
  daemon_.reset();
  if (died || ended.status() != 0) return Error::because(ECHILD, "a daemon of the container died");
  return {};
}

std::optional<std::string> DaemonLine::obituary() {
  const auto died = has_died();
  if (!died || !*died) return std::nullopt;
  const auto ended = sys::wait_for(daemon_);
  daemon_.reset();
  if (ended && ended->status() == 0) return std::nullopt;
  std::string said = words_ ? read_words(words_) : std::string();
  if (said.empty() && ended) said = cat("it ended with status ", ended->status());
  return said;
}

void DaemonLine::stop() {
  constexpr std::chrono::seconds kPatience{5};
  if (look() && daemon_) {
    (void)sys::send_signal(daemon_, SIGTERM);  // it has a process of its own to end
    const auto ended = sys::ended_within(daemon_, kPatience);
    if (!ended || !*ended) (void)sys::send_signal(daemon_, SIGKILL);
    (void)sys::wait_for(daemon_);
    daemon_.reset();
  }
  held_.reset();
}

}  // namespace wolffia::helper
