// SPDX-License-Identifier: Apache-2.0
#include "container/announce.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include "container/fixture.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::container {
namespace {

namespace fs = std::filesystem;

TEST(pid_file, holds_bare_digits) {
  const TempDir directory;
  auto file = PidFile::write(directory / "pid", 4711);
  ASSERT_TRUE(file) << file.error().message();
  file->keep();
  EXPECT_EQ(read_text(directory / "pid"), "4711");
}

TEST(pid_file, is_relative_to_the_working_directory) {
  const TempDir directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  auto file = PidFile::write("pid", 4711);
  fs::current_path(before);
  ASSERT_TRUE(file);
  EXPECT_EQ(read_text(directory / "pid"), "4711");
}

TEST(pid_file, goes_with_a_failed_start) {
  const TempDir directory;
  { ASSERT_TRUE(PidFile::write(directory / "pid", 4711)); }
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(pid_file, replaces_a_link_and_not_what_it_points_to) {
  const TempDir directory;
  write_text(directory / "precious", "x");
  fs::create_symlink(directory / "precious", directory / "pid");
  auto file = PidFile::write(directory / "pid", 4711);
  ASSERT_TRUE(file);
  file->keep();
  EXPECT_EQ(read_text(directory / "precious"), "x");
  EXPECT_EQ(read_text(directory / "pid"), "4711");
}

TEST(pid_file, of_a_missing_directory_is_an_error_that_names_it) {
  const TempDir directory;
  const auto file = PidFile::write(directory / "none/pid", 4711);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("none/pid"), std::string::npos);
}

TEST(pidfd_socket, receives_the_process) {
  const TempDir directory;
  const std::string path = directory / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const sys::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const StandIn init;
  const auto pidfd = sys::open_pidfd(init.pid());
  ASSERT_TRUE(pidfd);
  ASSERT_TRUE(send_pidfd("--pidfd-socket", path, *pidfd));
  const auto connection = sys::accept_from(listener);
  ASSERT_TRUE(connection);
  std::byte bytes[64];
  const auto received = sys::receive_packet(*connection, bytes);
  ASSERT_TRUE(received);
  ASSERT_TRUE(received->attached);
  EXPECT_TRUE(sys::send_signal(sys::PidFd(::dup(received->attached.get())), SIGKILL));
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(init.pid()), &info, WEXITED | WNOWAIT);
  EXPECT_EQ(info.si_status, SIGKILL);
}

}  // namespace
}  // namespace wolffia::container
