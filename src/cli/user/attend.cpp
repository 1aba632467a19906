// SPDX-License-Identifier: Apache-2.0
#include "cli/user/attend.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "cli/user/attempt.hpp"
#include "cli/user/ending.hpp"
#include "sys/memory.hpp"

namespace wolffia::cli::user {
namespace {

using Clock = std::chrono::steady_clock;

/// Without anything to do for so long the program may go on for days: then we hold only what
/// waiting takes.
constexpr std::chrono::milliseconds kSettled{100};
constexpr std::chrono::seconds kGrace{10};  // between the signals of --timeout
constexpr size_t kAtOnce = 16 << 10;

class Attendance {
 public:
  Attendance(Attended attended, LogFile log) : it_(std::move(attended)), log_(std::move(log)) {
    if (it_.timeout != 0) deadline_ = Clock::now() + std::chrono::seconds(it_.timeout);
  }

  Result<sys::Ended> run() {
    while (it_.out || it_.err || !ended_)
      TRY(step());
    return sys::wait_for(it_.init);
  }

 private:
  Result<void> step() {
    std::array<pollfd, 3> waits{pollfd{it_.out.get(), POLLIN, 0}, pollfd{it_.err.get(), POLLIN, 0},
                                pollfd{ended_ ? -1 : it_.init.get(), POLLIN, 0}};
    const int ready = ::poll(waits.data(), waits.size(), patience());
    if (ready < 0 && errno != EINTR) return Error::last("poll");
    if (ready <= 0) return idle();
    if (waits[0].revents != 0) read_from(it_.out, Stream::Out);
    if (waits[1].revents != 0) read_from(it_.err, Stream::Err);
    if (waits[2].revents != 0) ended_ = true;
    settled_ = false;
    return {};
  }

  /// What poll(2) takes: until it is time to give memory back, or to end the program.
  int patience() const {
    std::chrono::milliseconds left = settled_ ? std::chrono::milliseconds(-1) : kSettled;
    if (deadline_ && !ended_) {
      const auto until = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now());
      const auto positive = std::max(until, std::chrono::milliseconds(0));
      if (left.count() < 0 || positive < left) left = positive;
    }
    constexpr std::chrono::hours kMost{24};  // an int holds less than a month
    return static_cast<int>(std::min<std::chrono::milliseconds>(left, kMost).count());
  }

  Result<void> idle() {
    if (deadline_ && !ended_ && Clock::now() >= *deadline_) {
      (void)sys::send_signal(it_.init, asked_ ? SIGKILL : stop_signal(it_.container));
      asked_ = true;
      deadline_ = Clock::now() + kGrace;
    }
    if (!settled_) sys::give_back_memory();
    settled_ = true;
    return {};
  }

  void read_from(sys::Fd& pipe, Stream stream) {
    std::array<char, kAtOnce> buffer;
    const ssize_t size = ::read(pipe.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) return;
    if (size <= 0) return pipe.reset();
    // A full disk must not end the program: the line is lost.
    (void)log_.add(stream, {buffer.data(), static_cast<size_t>(size)}, now());
  }

  Attended it_;
  LogFile log_;
  std::optional<Clock::time_point> deadline_;
  bool asked_ = false;  // the first signal of --timeout was sent
  bool ended_ = false;
  bool settled_ = false;
};

}  // namespace

Result<sys::Ended> attend(Attended attended) {
  LogFile log = TRY(LogFile::open(attended.container.fd, attended.log));
  return Attendance(std::move(attended), std::move(log)).run();
}

}  // namespace wolffia::cli::user
