// SPDX-License-Identifier: Apache-2.0
#include "cli/user/attach.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "base/words.hpp"
#include "cli/user/attach_words.hpp"
#include "sys/file.hpp"
#include "sys/signal.hpp"
#include "sys/socket.hpp"
#include "sys/tty.hpp"

namespace wolffia::cli::user {
namespace {

class Watcher {
 public:
  explicit Watcher(Attachment attachment) : it_(std::move(attachment)) {
    packet_.resize(1 + kPacketLimit);
  }

  Result<std::optional<int>> run() {
    while (!done_)
      TRY(step());
    return status_;
  }

 private:
  Result<void> step() {
    const bool reads = reads_ && to_send_.empty();
    const int room = to_send_.empty() ? 0 : POLLOUT;
    std::array<pollfd, 3> polled{pollfd{it_.connection.get(), static_cast<short>(POLLIN | room), 0},
                                 pollfd{it_.signals->fd().get(), POLLIN, 0},
                                 pollfd{reads ? STDIN_FILENO : -1, POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) return {};
      return Error::last("poll");
    }
    if ((polled[0].revents & POLLOUT) != 0) TRY(send_on());
    if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) TRY(hear());
    if (polled[1].revents != 0) TRY(take_signals());
    if (polled[2].revents != 0 && !done_) TRY(read_input());
    return {};
  }

  void finish(std::optional<int> status) {
    done_ = true;
    status_ = status;
  }

  Result<void> hear() {
    const auto received =
        sys::receive_packet(it_.connection, std::as_writable_bytes(std::span(packet_)));
    if (!received || received->size == 0) {
      finish({});
      return {};
    }
    const std::string_view bytes = std::string_view(packet_).substr(1, received->size - 1);
    switch (Word{packet_[0]}) {
      case Word::Welcome:
        return enter(bytes.empty() ? uint8_t{0} : static_cast<uint8_t>(bytes[0]));
      case Word::Refused:
        return Error::because(EBUSY, std::string(bytes));
      case Word::Output:
        return show(STDOUT_FILENO, bytes);
      case Word::Errors:
        return show(STDERR_FILENO, bytes);
      case Word::Ended: {
        int status = 0;
        finish(read_number(bytes, status) ? std::optional(status) : std::nullopt);
        return {};
      }
      default:
        return Error::because(EINVAL, "the supervisor is of another release: see wolffia logs");
    }
  }

  /// What the program takes decides what our terminal is for.
  Result<void> enter(uint8_t takes) {
    reads_ = it_.input && (takes & kTakesInput) != 0;
    terminal_ = (takes & kHasTerminal) != 0;
    if (reads_ && terminal_ && sys::is_terminal(STDIN_FILENO))
      raw_.emplace(TRY(sys::RawTerminal::enter(STDIN_FILENO), "standard input"));
    return tell_window();
  }

  Result<void> tell_window() {
    if (!terminal_) return {};
    for (const int fd : {STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO}) {
      const auto size = sys::window_size(fd);
      if (!size || size->ws_row == 0) continue;
      return say(Word::Window, cat(size->ws_row, " ", size->ws_col));
    }
    return {};
  }

  /// Who reads us may leave: then there is nobody to show anything to.
  Result<void> show(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) {
        pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
        (void)::poll(&room, 1, -1);
        continue;
      }
      if (count < 0 && errno == EPIPE) {
        finish(128 + SIGPIPE);
        return {};
      }
      if (count < 0) return Error::last("write");
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return {};
  }

  Result<void> read_input() {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
    if (count <= 0) {
      reads_ = false;
      return say(Word::EndOfInput, {});
    }
    const std::string_view typed(buffer.data(), static_cast<size_t>(count));
    if (!raw_) return say(Word::Input, typed);
    const DetachKeys::Found found = it_.keys.feed(typed);
    if (!found.pass.empty()) TRY(say(Word::Input, found.pass));
    if (found.detached) finish(0);
    return {};
  }

  Result<void> say(Word word, std::string_view bytes) {
    to_send_.push_back(encode(word, bytes));
    return send_on();
  }

  /// What the supervisor has no room for yet waits; nothing is read meanwhile.
  Result<void> send_on() {
    while (!to_send_.empty()) {
      const auto sent = sys::offer_packet(it_.connection, as_packet(to_send_.front()));
      if (!sent) return to_send_.clear(), Result<void>();  // hear() will see the end
      if (!*sent) return {};
      to_send_.erase(to_send_.begin());
    }
    return {};
  }

  Result<void> take_signals() {
    while (const std::optional<int> signal = TRY(it_.signals->take()))
      TRY(handle(*signal));
    return {};
  }

  Result<void> handle(int signal) {
    switch (signal) {
      case SIGCHLD:
      case SIGPIPE:
      case SIGURG:
        return {};
      case SIGWINCH:
        return tell_window();
      case SIGTSTP:
        (void)::raise(SIGSTOP);  // so that the shell sees its job stopped
        return {};
      case SIGCONT:
        if (raw_ && sys::in_foreground(STDIN_FILENO)) (void)raw_->enter_again();
        return tell_window();
      case SIGHUP:  // our terminal is gone, which is nothing to the program
        finish(128 + signal);
        return {};
      default:
        if (it_.proxies)
          it_.send(signal);
        else
          finish(128 + signal);
        return {};
    }
  }

  Attachment it_;
  std::optional<sys::RawTerminal> raw_;
  std::string packet_;
  std::vector<std::string> to_send_;
  bool reads_ = false;
  bool terminal_ = false;
  bool done_ = false;
  std::optional<int> status_;
};

}  // namespace

Result<std::optional<int>> attach(Attachment attachment) {
  if (!attachment.signals) attachment.signals.emplace(TRY(sys::HeldSignals::hold()));
  return Watcher(std::move(attachment)).run();
}

}  // namespace wolffia::cli::user
