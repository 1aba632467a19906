// SPDX-License-Identifier: Apache-2.0
#include "cli/user/attend.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>

#include "cli/user/attempt.hpp"
#include "cli/user/ending.hpp"
#include "cli/user/program_input.hpp"
#include "sys/memory.hpp"
#include "sys/signal_reset.hpp"
#include "sys/tty.hpp"

namespace wolffia::cli::user {
namespace {

using Clock = std::chrono::steady_clock;

/// Without anything to do for so long the program may go on for days: then we hold only what
/// waiting takes.
constexpr std::chrono::milliseconds kSettled{100};

class Attendance {
 public:
  Attendance(Attended attended, LogFile log)
      : it_(std::move(attended)), log_(std::move(log)), input_(it_.streams) {
    if (it_.timeout != 0) deadline_ = Clock::now() + std::chrono::seconds(it_.timeout);
  }

  Result<sys::Ended> run() {
    while (it_.streams.out || it_.streams.err || !ended_)
      TRY(step());
    return sys::wait_for(it_.init);
  }

 private:
  /// Where the first entries of `polled_` are from; those of the audience follow.
  enum Place : uint8_t { Out, Err, Init, Storage, Network, Input, Memory, Others };

  Result<void> step() {
    choose();
    const int ready = ::poll(polled_.data(), polled_.size(), patience());
    if (ready < 0 && errno != EINTR) return Error::last("poll");
    if (ready <= 0) return idle();
    if (polled_[Out].revents != 0) read_from(it_.streams.out, Stream::Out);
    if (polled_[Err].revents != 0) read_from(it_.streams.err, Stream::Err);
    if (polled_[Init].revents != 0 || polled_[Memory].revents != 0) it_.kills.look();
    if (polled_[Init].revents != 0) end();
    if (polled_[Storage].revents != 0) kill();
    if (polled_[Network].revents != 0) tell_of_network();
    if (polled_[Input].revents != 0) input_.write();
    for (size_t i = Others; i < polled_.size(); ++i)
      if (polled_[i].revents != 0) serve(polled_[i]);
    settled_ = false;
    return {};
  }

  /// While one of the audience is late there is nothing to be read, and while the program has not
  /// read what it was sent there is nothing to be heard.
  void choose() {
    const bool held_back = it_.audience.held_back_until().has_value();
    polled_.clear();
    polled_.push_back({held_back ? -1 : it_.streams.out.get(), POLLIN, 0});
    polled_.push_back({held_back ? -1 : it_.streams.err.get(), POLLIN, 0});
    polled_.push_back({ended_ ? -1 : it_.init.get(), POLLIN, 0});
    polled_.push_back({ended_ || killed_ ? -1 : it_.storage.get(), POLLIN, 0});
    polled_.push_back({it_.network.process().get(), POLLIN, 0});
    polled_.push_back({input_.empty() || ended_ ? -1 : input_.sink(), POLLOUT, 0});
    polled_.push_back({it_.kills.file().get(), POLLPRI, 0});
    it_.audience.interests(polled_, input_.empty());
  }

  void serve(const pollfd& event) {
    const auto packet = it_.audience.ready(event);
    if (packet && input_.empty()) input_.take(*packet);
  }

  /// The program has ended. Of a terminal all that it wrote is there to be read: nothing is waited
  /// for. Source: n_tty_read() in drivers/tty/n_tty.c.
  void end() {
    ended_ = true;
    it_.streams.peer.reset();
  }

  void kill() {
    killed_ = true;
    (void)sys::send_signal(it_.init, SIGKILL);
  }

  /// The program goes on without; whoever reads what it wrote is told.
  void tell_of_network() {
    const std::string sentence = it_.network.replace_dead();
    if (sentence.empty()) return;
    const std::string line = cat("wolffia: ", sentence, "\n");
    (void)log_.add(Stream::Err, line, now());
    it_.audience.tell(Word::Errors, line);
  }

  bool terminal_is_drained() const { return ended_ && it_.streams.terminal && it_.streams.out; }

  /// What poll(2) takes: until it is time to give memory back, to end the program, or to drop who
  /// does not read.
  int patience() const {
    std::chrono::milliseconds left = settled_ ? std::chrono::milliseconds(-1) : kSettled;
    const auto until = [&](Clock::time_point time) {
      const auto rest = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
      const auto positive = std::max(rest, std::chrono::milliseconds(0));
      if (left.count() < 0 || positive < left) left = positive;
    };
    if (deadline_ && !ended_) until(*deadline_);
    if (const auto late = it_.audience.held_back_until())
      until(*late);
    else if (terminal_is_drained())
      left = std::chrono::milliseconds(0);
    constexpr std::chrono::hours kMost{24};  // an int holds less than a month
    return static_cast<int>(std::min<std::chrono::milliseconds>(left, kMost).count());
  }

  Result<void> idle() {
    it_.audience.drop_late();
    if (deadline_ && !ended_ && Clock::now() >= *deadline_) {
      (void)sys::send_signal(it_.init, asked_ ? SIGKILL : stop_signal(it_.container));
      asked_ = true;
      deadline_ = Clock::now() + it_.patience;
    }
    if (!it_.audience.held_back_until() && terminal_is_drained()) it_.streams.out.reset();
    if (!settled_) sys::give_back_memory();
    settled_ = true;
    return {};
  }

  void read_from(sys::Fd& source, Stream stream) {
    std::array<char, kPacketLimit> buffer;
    const ssize_t size = ::read(source.get(), buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0) return lost(source);
    const std::string_view bytes(buffer.data(), static_cast<size_t>(size));
    // A full disk must not end the program: the line is lost.
    (void)log_.add(stream, bytes, now());
    it_.audience.tell(stream == Stream::Out ? Word::Output : Word::Errors, bytes);
  }

  /// Its end; but a terminal that was only hung up (vhangup(2)) goes on.
  void lost(sys::Fd& source) {
    const bool hung_up = &source == &it_.streams.out && it_.streams.terminal && !ended_;
    auto peer = hung_up ? sys::open_peer(source) : Result<sys::Fd>(sys::Fd());
    if (!peer || !*peer) return source.reset();
    it_.streams.peer = std::move(peer).value();
  }

  Attended it_;
  LogFile log_;
  ProgramInput input_;
  sys::IgnoreSigpipe ignore_sigpipe_;
  std::vector<pollfd> polled_;
  std::optional<Clock::time_point> deadline_;
  bool asked_ = false;  // the first signal of --timeout was sent
  bool ended_ = false;
  bool killed_ = false;  // as its root file system is gone
  bool settled_ = false;
};

}  // namespace

Result<sys::Ended> attend(Attended attended) {
  LogFile log = TRY(LogFile::open(attended.container.fd, attended.log));
  return Attendance(std::move(attended), std::move(log)).run();
}

}  // namespace wolffia::cli::user
