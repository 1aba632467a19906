// SPDX-License-Identifier: Apache-2.0
#include "container/supervise.hpp"

#include <sys/prctl.h>

#include "container/fixture.hpp"

namespace wolffia::container {
namespace {

/// A child that runs `script`; supervised to its end.
int supervised(const std::string& script, Relay* relay = nullptr) {
  auto signals = sys::HeldSignals::hold();
  if (!signals) return -1;
  const pid_t pid = ::fork();
  if (pid == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    ::_exit(127);
  }
  const auto pidfd = sys::open_pidfd(pid);
  if (!pidfd) return -1;
  const auto ended = supervise({*pidfd, pid}, *signals, relay);
  return ended ? ended->status() : -1;
}

TEST(supervise, passes_the_exit_code_through) {
  EXPECT_EQ(supervised("exit 0"), 0);
  EXPECT_EQ(supervised("exit 42"), 42);
}

TEST(supervise, reports_a_fatal_signal_as_shells_do) {
  EXPECT_EQ(supervised("kill -KILL $$"), 128 + SIGKILL);
}

TEST(supervise, forwards_signals) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGWINCH, SIGRTMIN + 3}) {
    const std::string number = std::to_string(signal);
    EXPECT_EQ(supervised("trap 'exit 7' " + number + "; kill -" + number +
                         " $PPID; while :; do sleep 0.01; done"),
              7)
        << signal;
  }
}

TEST(supervise, does_not_forward_what_concerns_only_us) {
  EXPECT_EQ(supervised("trap 'exit 7' PIPE CHLD; kill -PIPE $PPID; kill -CHLD $PPID; exit 3"), 3);
}

TEST(supervise, stops_and_continues_with_its_job) {
  const pid_t runtime = ::fork();
  if (runtime == 0)
    ::_exit(supervised("trap 'exit 7' CONT; kill -TSTP $PPID; while :; do sleep 0.01; done"));
  int status = 0;
  ASSERT_EQ(::waitpid(runtime, &status, WUNTRACED), runtime);
  EXPECT_TRUE(WIFSTOPPED(status));
  ::kill(runtime, SIGCONT);
  ASSERT_EQ(::waitpid(runtime, &status, 0), runtime);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(supervise, reaps_what_it_adopted) {
  const pid_t runtime = ::fork();
  if (runtime == 0) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    // Orphans whose zombies, unreaped, the program would still see in /proc.
    const int code = supervised(
        "for i in 1 2 3; do (sleep 0.02 & echo $! >&3) ; done 3>pids.$$; sleep 0.3; "
        "for p in $(cat pids.$$); do [ ! -d /proc/$p ] || exit 9; done; rm pids.$$; exit 5");
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(runtime, &status, 0), runtime);
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

/// Collects what comes through a pipe, as a terminal's relay does.
class Collector final : public Relay {
 public:
  explicit Collector(int fd) : fd_(fd) {}
  void interests(std::vector<pollfd>& wanted) const override {
    wanted.push_back({.fd = fd_, .events = POLLIN, .revents = 0});
  }
  Result<void> ready(const pollfd&) override {
    take();
    return {};
  }
  void resized() override { ++resized_; }
  void continued() override {}
  void drain() override {
    while (take()) {
    }
    drained_ = true;
  }
  std::string text_;
  int resized_ = 0;
  bool drained_ = false;

 private:
  bool take() {
    char bytes[64];
    const ssize_t n = ::read(fd_, bytes, sizeof bytes);
    if (n > 0) text_.append(bytes, static_cast<size_t>(n));
    return n > 0;
  }
  int fd_;
};

TEST(supervise, serves_the_relay_to_the_last_byte) {
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_NONBLOCK | O_CLOEXEC), 0);
  Collector relay(pipe[0]);
  const std::string out = std::to_string(pipe[1]);
  ASSERT_EQ(::fcntl(pipe[1], F_SETFD, 0), 0);
  EXPECT_EQ(
      supervised("kill -WINCH $PPID; echo first >&" + out + "; sleep 0.05; echo last >&" + out,
                 &relay),
      0);
  EXPECT_EQ(relay.text_, "first\nlast\n");
  EXPECT_TRUE(relay.drained_);
  EXPECT_EQ(relay.resized_, 1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(await_program, ends_with_a_signal_that_ends_programs) {
  int channel[2];
  ASSERT_EQ(::pipe2(channel, O_CLOEXEC), 0);
  const sys::Fd ours(channel[0]);
  const sys::Fd theirs(channel[1]);
  auto signals = sys::HeldSignals::hold();
  ASSERT_TRUE(signals);
  ASSERT_EQ(::raise(SIGWINCH), 0);
  ASSERT_EQ(::raise(SIGTERM), 0);
  int status = 1;
  const auto waited = await_program(ours, *signals, status);
  ASSERT_FALSE(waited);
  EXPECT_TRUE(waited.error().is(EINTR));
  EXPECT_EQ(status, 128 + SIGTERM);
}

TEST(await_program, ends_when_the_channel_speaks_or_closes) {
  int channel[2];
  ASSERT_EQ(::pipe2(channel, O_CLOEXEC), 0);
  const sys::Fd ours(channel[0]);
  ::close(channel[1]);
  auto signals = sys::HeldSignals::hold();
  ASSERT_TRUE(signals);
  int status = 1;
  EXPECT_TRUE(await_program(ours, *signals, status));
}

}  // namespace
}  // namespace wolffia::container
