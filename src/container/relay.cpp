// SPDX-License-Identifier: Apache-2.0
#include "container/relay.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>

#include <array>
#include <optional>
#include <string_view>

#include "sys/file.hpp"
#include "sys/signal_reset.hpp"
#include "sys/tty.hpp"

namespace wolffia::container {
namespace {

/// Bytes on their way in one direction: filled when empty, then written until empty again.
class Buffer {
 public:
  bool empty() const { return begin_ == end_; }
  std::string_view waiting() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void written(size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }
  /// Takes what one read(2) gives. Precondition: empty. Returns read(2)'s result.
  ssize_t fill(int fd) {
    clear();
    const ssize_t n = ::read(fd, bytes_.data(), bytes_.size());
    if (n > 0) end_ = static_cast<size_t>(n);
    return n;
  }
  /// Precondition: empty.
  void set(std::string_view text) {
    begin_ = 0;
    end_ = text.copy(bytes_.data(), bytes_.size());
  }

 private:
  std::array<char, 16384> bytes_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

bool would_block(int code) {
  return code == EAGAIN || code == EINTR;
}

/// A non-blocking description of our own for `fd`, as its flags are shared with whoever gave it to
/// us. Empty for files, which never block and whose offset is shared too, for sockets, and where
/// /proc does not let us.
sys::Fd reopen_unblocking(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return {};
  if (!S_ISCHR(status.st_mode) && !S_ISFIFO(status.st_mode)) return {};
  auto opened =
      sys::open_at(sys::cwd(), cat("/proc/self/fd/", fd).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY);
  return opened ? std::move(opened).value() : sys::Fd();
}

/// The first of our streams that is a terminal, which is the one that shows the output.
std::optional<winsize> our_window(const Streams& streams) {
  for (const int fd : {streams.output, streams.input, STDERR_FILENO})
    if (auto size = sys::window_size(fd); size && size->ws_row > 0) return *size;
  return {};
}

bool same_size(const winsize& one, const winsize& other) {
  return one.ws_row == other.ws_row && one.ws_col == other.ws_col;
}

class PtyRelay final : public Relay {
 public:
  PtyRelay(sys::Fd master, Streams streams) : master_(std::move(master)), streams_(streams) {}

  /// Everything that can fail before the first byte.
  Result<void> start();

  void interests(std::vector<pollfd>& wanted) const override;
  Result<void> ready(const pollfd& event) override;
  void resized() override;
  void continued() override;
  void drain() override;

 private:
  int output() const { return own_output_ ? own_output_.get() : streams_.output; }
  void serve_master(short events);
  void read_master();
  void read_input();
  void write_master();
  void write_output();

  sys::Fd master_;
  sys::Fd peer_;  // held so that the pty never hangs up while nobody inside has it open
  Streams streams_;
  sys::Fd own_output_;  // empty: write to streams_.output itself
  sys::IgnoreSigpipe ignore_sigpipe_;
  std::optional<sys::RawTerminal> raw_;
  std::optional<winsize> window_;  // ours, when it was last looked at
  Buffer in_, out_;
  bool input_open_ = true;
  bool output_open_ = true;  // false: what is read is dropped
  bool master_open_ = true;
  char last_input_ = '\n';
};

Result<void> PtyRelay::start() {
  peer_ = TRY(prepare_master(master_), "terminal");
  own_output_ = reopen_unblocking(streams_.output);
  const auto size = sys::window_size(master_.get());
  const bool unset = size && size->ws_row == 0 && size->ws_col == 0;
  if (!unset) window_ = our_window(streams_);  // the bundle's size counts until ours changes
  resized();
  if (sys::is_terminal(streams_.input))
    raw_.emplace(TRY(sys::RawTerminal::enter(streams_.input), "standard input"));
  return {};
}

void PtyRelay::interests(std::vector<pollfd>& wanted) const {
  if (input_open_ && in_.empty())
    wanted.push_back({.fd = streams_.input, .events = POLLIN, .revents = 0});
  if (!out_.empty()) wanted.push_back({.fd = output(), .events = POLLOUT, .revents = 0});
  const int events = (out_.empty() ? POLLIN : 0) | (in_.empty() ? 0 : POLLOUT);
  if (master_open_ && events != 0)
    wanted.push_back({.fd = master_.get(), .events = static_cast<short>(events), .revents = 0});
}

Result<void> PtyRelay::ready(const pollfd& event) {
  if (event.fd == master_.get()) {
    serve_master(event.revents);
  } else if (event.fd == output() && !out_.empty()) {
    write_output();
  } else if (event.fd == streams_.input && in_.empty()) {
    read_input();
  }
  return {};
}

void PtyRelay::serve_master(short events) {
  if ((events & POLLOUT) != 0 && !in_.empty()) write_master();
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && out_.empty()) read_master();
}

void PtyRelay::read_master() {
  const ssize_t n = out_.fill(master_.get());
  if (n < 0 && would_block(errno)) return;
  if (n <= 0) {
    // EIO: the last one inside closed it. With a peer of ours that takes a hangup (vhangup(2)).
    auto peer = sys::open_peer(master_);
    master_open_ = static_cast<bool>(peer);
    if (peer) peer_ = std::move(peer).value();
    return;
  }
  if (!output_open_) out_.clear();
}

void PtyRelay::read_input() {
  const ssize_t n = in_.fill(streams_.input);
  if (n < 0 && would_block(errno)) return;
  if (n > 0) {
    last_input_ = in_.waiting().back();
    return;
  }
  input_open_ = false;
  if (!raw_) in_.set(end_of_input(master_, last_input_ != '\n'));
}

void PtyRelay::write_master() {
  const std::string_view bytes = in_.waiting();
  const ssize_t n = ::write(master_.get(), bytes.data(), bytes.size());
  if (n > 0)
    in_.written(static_cast<size_t>(n));
  else if (!would_block(errno))
    in_.clear();  // hung up: nobody will read it
}

void PtyRelay::write_output() {
  // A blocking pipe that poll(2) calls writable takes this much at once. Source: pipe(7).
  constexpr size_t kSafe = 4096;
  std::string_view bytes = out_.waiting();
  if (!own_output_) bytes = bytes.substr(0, kSafe);
  const ssize_t n = ::write(output(), bytes.data(), bytes.size());
  if (n >= 0) {
    out_.written(static_cast<size_t>(n));
  } else if (!would_block(errno)) {
    out_.clear();
    output_open_ = false;
  }
}

void PtyRelay::resized() {
  const std::optional<winsize> size = our_window(streams_);
  if (!size || (window_ && same_size(*size, *window_))) return;
  window_ = size;
  (void)sys::set_window_size(master_.get(), *size);  // a wrong size is no reason to stop
}

void PtyRelay::continued() {
  if (raw_ && sys::in_foreground(streams_.input)) (void)raw_->enter_again();
  resized();
}

void PtyRelay::drain() {
  input_open_ = false;
  in_.clear();
  peer_.reset();
  for (;;) {
    while (!out_.empty()) {
      pollfd room{.fd = output(), .events = POLLOUT, .revents = 0};
      if (::poll(&room, 1, -1) > 0) write_output();
    }
    // All that was written before the end is here: the kernel pushes it through before it says
    // EAGAIN or EIO. Source: n_tty_read() in drivers/tty/n_tty.c.
    const ssize_t n = out_.fill(master_.get());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    if (!output_open_) out_.clear();
  }
}

}  // namespace

Result<sys::Fd> prepare_master(const sys::Fd& master) {
  const int flags = ::fcntl(master.get(), F_GETFL);
  if (flags < 0 || ::fcntl(master.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return Error::last("fcntl");
  termios modes = TRY(sys::terminal_modes(master.get()));
  modes.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  TRY(sys::set_terminal_modes(master.get(), modes));
  auto peer = sys::open_peer(master);
  return peer ? std::move(peer).value() : sys::Fd();
}

std::string end_of_input(const sys::Fd& master, bool line_open) {
  const auto modes = sys::terminal_modes(master.get());
  if (!modes || modes->c_cc[VEOF] == _POSIX_VDISABLE) return {};
  std::string end(line_open ? 2 : 1, static_cast<char>(modes->c_cc[VEOF]));
  return end;
}

Result<std::unique_ptr<Relay>> make_pty_relay(sys::Fd master, Streams streams) {
  auto relay = std::make_unique<PtyRelay>(std::move(master), streams);
  TRY(relay->start());
  return std::unique_ptr<Relay>(std::move(relay));
}

Result<std::unique_ptr<Relay>> relay_standard_streams(sys::Fd master) {
  return make_pty_relay(std::move(master), Streams{});
}

}  // namespace wolffia::container
