// SPDX-License-Identifier: Apache-2.0
#include "container/relay.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "sys/file.hpp"
#include "sys/tty.hpp"

namespace wolffia::container {
namespace {

struct Terminal {
  sys::Fd master;
  sys::Fd slave;
};

Terminal make_terminal() {
  sys::Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_TRUE(master);
  EXPECT_EQ(::unlockpt(master.get()), 0);
  auto slave = sys::open_peer(master);
  EXPECT_TRUE(slave);
  return {std::move(master), std::move(slave).value()};
}

/// What waits at `fd`, without waiting for it.
std::string available(int fd) {
  std::string text;
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  while (::poll(&one, 1, 0) > 0 && (one.revents & POLLIN) != 0) {
    char bytes[4096];
    const ssize_t n = ::read(fd, bytes, sizeof bytes);
    if (n <= 0) break;
    text.append(bytes, static_cast<size_t>(n));
  }
  return text;
}

winsize size(unsigned short rows, unsigned short columns) {
  return {.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
}

void write_text(const sys::Fd& fd, std::string_view text) {
  ASSERT_TRUE(sys::write_all(fd, text));
}

/// A container's terminal whose relay has pipes on our side.
class RelayTest : public testing::Test {
 protected:
  RelayTest() : inside(make_terminal()) {
    auto input = sys::make_pipe(0).value();
    auto output = sys::make_pipe(0).value();
    our_input = std::move(input.first);
    keyboard = std::move(input.second);
    screen = std::move(output.first);
    our_output = std::move(output.second);
  }

  void start() { start({our_input.get(), our_output.get()}); }
  void start(Streams streams) {
    auto made = make_pty_relay(sys::Fd(::dup(inside.master.get())), streams);
    ASSERT_TRUE(made) << made.error().message();
    relay = std::move(made).value();
  }

  /// Rounds of poll(2) as supervise() makes them, until nothing is ready for a moment.
  void turn() {
    constexpr int kMoment = 10;
    for (int rounds = 0; rounds < 1000; ++rounds) {
      std::vector<pollfd> wanted;
      relay->interests(wanted);
      if (::poll(wanted.data(), wanted.size(), kMoment) == 0) return;
      serve(wanted);
    }
    FAIL() << "the relay spins";
  }

  void serve(const std::vector<pollfd>& polled) {
    for (const pollfd& event : polled) {
      if (event.revents == 0) continue;
      EXPECT_TRUE(relay->ready(event));
    }
  }

  Terminal inside;
  sys::Fd our_input, keyboard;  // what we read, and who types
  sys::Fd our_output, screen;   // what we write, and who looks
  std::unique_ptr<Relay> relay;
};

TEST_F(RelayTest, passes_output_as_it_was_written) {
  start();
  write_text(inside.slave, "one\ntwo\n");
  turn();
  EXPECT_EQ(available(screen.get()), "one\ntwo\n");
}

TEST_F(RelayTest, passes_input) {
  start();
  write_text(keyboard, "ls\n");
  turn();
  EXPECT_EQ(available(inside.slave.get()), "ls\n");
}

TEST_F(RelayTest, ends_the_input_inside_when_ours_ends) {
  start();
  write_text(keyboard, "last\n");
  keyboard.reset();
  turn();
  char byte = 0;
  char line[16];
  EXPECT_EQ(::read(inside.slave.get(), line, sizeof line), 5);
  EXPECT_EQ(::read(inside.slave.get(), &byte, 1), 0);
}

TEST_F(RelayTest, ends_an_open_line_before_the_input) {
  start();
  write_text(keyboard, "open");
  keyboard.reset();
  turn();
  char line[16];
  EXPECT_EQ(::read(inside.slave.get(), line, sizeof line), 4);
  EXPECT_EQ(::read(inside.slave.get(), line, sizeof line), 0);
}

TEST_F(RelayTest, passes_more_than_a_buffer) {
  start();
  std::string sent, seen;
  for (int i = 0; i < 100; ++i) {
    const std::string part(1000, static_cast<char>('a' + i % 26));
    write_text(inside.slave, part);
    turn();
    sent += part;
    seen += available(screen.get());
  }
  EXPECT_EQ(seen, sent);
}

TEST_F(RelayTest, drains_what_was_written_before_the_end) {
  start();
  write_text(inside.slave, std::string(3000, 'x'));
  inside.slave.reset();
  relay->drain();
  EXPECT_EQ(available(screen.get()).size(), 3000U);
}

TEST_F(RelayTest, drains_although_somebody_still_has_the_terminal) {
  start();
  write_text(inside.slave, "bye");
  relay->drain();
  EXPECT_EQ(available(screen.get()), "bye");
}

TEST_F(RelayTest, goes_on_when_a_program_reopens_its_terminal) {
  start();
  inside.slave.reset();
  turn();
  inside.slave = sys::open_peer(inside.master).value();
  write_text(inside.slave, "again");
  turn();
  EXPECT_EQ(available(screen.get()), "again");
}

TEST_F(RelayTest, drops_output_that_nobody_reads_any_more) {
  start();
  screen.reset();
  for (int i = 0; i < 50; ++i) {
    write_text(inside.slave, std::string(1000, 'x'));  // would block without a relay that reads
    turn();
  }
  relay->drain();
}

TEST_F(RelayTest, holds_back_the_writer_when_the_reader_is_slow) {
  start();
  ASSERT_EQ(::fcntl(inside.slave.get(), F_SETFL, O_NONBLOCK), 0);
  size_t written = 0;
  const std::string part(1024, 'x');
  for (int i = 0; i < 1000; ++i) {
    const ssize_t n = ::write(inside.slave.get(), part.data(), part.size());
    if (n > 0) written += static_cast<size_t>(n);
    std::vector<pollfd> wanted;
    relay->interests(wanted);
    if (::poll(wanted.data(), wanted.size(), 0) == 0 && n < 0) break;
    serve(wanted);
  }
  EXPECT_LT(written, 200U << 10U);  // a pipe, a pty and one buffer; not a megabyte
  inside.slave.reset();
  std::string seen;
  for (int i = 0; i < 1000 && seen.size() < written; ++i) {
    seen += available(screen.get());
    turn();
  }
  EXPECT_EQ(seen.size(), written);
}

TEST_F(RelayTest, leaves_the_flags_of_our_streams_alone) {
  start();
  write_text(inside.slave, "x");
  turn();
  EXPECT_EQ(::fcntl(our_input.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(our_output.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(RelayTest, makes_our_terminal_raw_and_gives_it_back) {
  const Terminal ours = make_terminal();
  const termios before = sys::terminal_modes(ours.slave.get()).value();
  start({ours.slave.get(), ours.slave.get()});
  const termios meanwhile = sys::terminal_modes(ours.slave.get()).value();
  EXPECT_EQ(meanwhile.c_lflag & (ECHO | ICANON | ISIG), 0U);
  EXPECT_EQ(meanwhile.c_iflag & (IXON | ICRNL), 0U);
  EXPECT_NE(meanwhile.c_oflag & OPOST, 0U);
  relay.reset();
  const termios after = sys::terminal_modes(ours.slave.get()).value();
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
}

TEST_F(RelayTest, becomes_raw_again_when_continued) {
  const Terminal ours = make_terminal();
  const termios before = sys::terminal_modes(ours.slave.get()).value();
  start({ours.slave.get(), ours.slave.get()});
  ASSERT_TRUE(sys::set_terminal_modes(ours.slave.get(), before));  // as a shell does
  relay->continued();
  EXPECT_EQ(sys::terminal_modes(ours.slave.get())->c_lflag & ICANON, 0U);
}

TEST_F(RelayTest, passes_keys_that_are_signals_elsewhere) {
  const Terminal ours = make_terminal();
  start({ours.slave.get(), ours.slave.get()});
  termios modes = sys::terminal_modes(inside.slave.get()).value();
  modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ISIG);
  ASSERT_TRUE(sys::set_terminal_modes(inside.slave.get(), modes));
  write_text(ours.master, "\x03\x1a\x1c");
  turn();
  EXPECT_EQ(available(inside.slave.get()), "\x03\x1a\x1c");
}

TEST_F(RelayTest, gives_the_pty_our_windows_size) {
  const Terminal ours = make_terminal();
  ASSERT_TRUE(sys::set_window_size(ours.slave.get(), size(33, 111)));
  start({ours.slave.get(), ours.slave.get()});
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_row, 33);
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_col, 111);
}

TEST_F(RelayTest, keeps_the_size_that_the_bundle_has_set) {
  const Terminal ours = make_terminal();
  ASSERT_TRUE(sys::set_window_size(ours.slave.get(), size(33, 111)));
  ASSERT_TRUE(sys::set_window_size(inside.slave.get(), size(5, 7)));
  start({ours.slave.get(), ours.slave.get()});
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_row, 5);
  relay->resized();  // nothing has changed
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_row, 5);
  ASSERT_TRUE(sys::set_window_size(ours.slave.get(), size(50, 60)));
  relay->resized();
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_row, 50);
}

TEST_F(RelayTest, follows_our_windows_size) {
  const Terminal ours = make_terminal();
  start({ours.slave.get(), ours.slave.get()});
  ASSERT_TRUE(sys::set_window_size(ours.slave.get(), size(50, 60)));
  relay->resized();
  EXPECT_EQ(sys::window_size(inside.slave.get())->ws_row, 50);
}

}  // namespace
}  // namespace wolffia::container
