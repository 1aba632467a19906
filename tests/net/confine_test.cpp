// SPDX-License-Identifier: Apache-2.0
#include "net/confine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "sys/file.hpp"

// What a guest that has taken the daemon over can still do.
namespace wolffia::net {
namespace {

/// What `body` says in a process that is confined.
std::string confined(const std::function<std::string()>& body) {
  auto [ours, theirs] = sys::make_pipe(0).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto done = confine({.resolv_conf = "nameserver 192.0.2.1\n"}, {});
    const std::string said = !done             ? done.error().message()
                             : done->is_hidden ? body()
                                               : "not hidden";
    (void)sys::write_all(theirs, said);
    ::_exit(0);
  }
  theirs.reset();
  std::string text = sys::read_all(ours, 4096).value();
  ::waitpid(child, nullptr, 0);
  return text;
}

std::string outcome(long result) {
  return result < 0 ? ::strerrorname_np(errno) : "done";
}

TEST(net_confine, leaves_the_one_file_to_read) {
  EXPECT_EQ(confined([] {
              const int file = ::open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
              char text[64] = {};
              return ::read(file, text, sizeof text - 1) > 0 ? std::string(text) : outcome(file);
            }),
            "nameserver 192.0.2.1\n");
  for (const char* path : {"/etc/passwd", "/proc/self/status", "/home", "/dev/null", "/etc/../usr"})
    EXPECT_EQ(confined([path] { return outcome(::open(path, O_RDONLY | O_CLOEXEC)); }), "ENOENT")
        << path;
}

TEST(net_confine, leaves_nothing_to_write) {
  for (const int how : {O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_WRONLY | O_CREAT})
    EXPECT_EQ(
        confined([how] { return outcome(::open("/etc/resolv.conf", how | O_CLOEXEC, 0600)); }),
        "EPERM");
  EXPECT_EQ(confined([] { return outcome(::unlink("/etc/resolv.conf")); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::mkdir("/made", 0700)); }), "EPERM");
}

TEST(net_confine, lets_nothing_be_started) {
  EXPECT_EQ(confined([] {
              char* const words[] = {nullptr};
              return outcome(::execve("/etc/resolv.conf", words, words));
            }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::fork()); }), "EPERM");
  EXPECT_EQ(confined([] {
              void* const page =
                  ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return outcome(page == MAP_FAILED ? -1 : 0);
            }),
            "EPERM");
}

TEST(net_confine, lets_nobody_else_be_reached) {
  EXPECT_EQ(
      confined([] { return outcome(::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr)); }),
      "EPERM");
  EXPECT_EQ(confined([] { return outcome(::kill(::getppid(), SIGTERM)); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::fcntl(0, F_SETOWN, ::getppid())); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::mount("none", "/etc", "tmpfs", 0, nullptr)); }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::unshare(CLONE_NEWUSER)); }), "EPERM");
}

TEST(net_confine, leaves_sockets_of_the_internet_alone) {
  for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG})
    EXPECT_EQ(
        confined([family] { return outcome(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }),
        "EPERM")
        << family;
  for (const int family : {AF_INET, AF_INET6})
    EXPECT_EQ(
        confined([family] { return outcome(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)); }),
        "done")
        << family;
}

#if !defined(__SANITIZE_ADDRESS__)  // which takes more than the bound
TEST(net_confine, bounds_the_memory) {
  EXPECT_EQ(confined([] {
              void* const pages = ::mmap(nullptr, size_t{2} << 30, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return outcome(pages == MAP_FAILED ? -1 : 0);
            }),
            "ENOMEM");
}
#endif

}  // namespace
}  // namespace wolffia::net
