// SPDX-License-Identifier: Apache-2.0
#include "overlay/confine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "sys/file.hpp"

using namespace wolffia;

namespace {

/// What `body` says in a process that is confined.
std::string confined(const std::function<std::string()>& body) {
  auto [ours, theirs] = sys::make_pipe(0).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto done = overlay::confine();
    (void)sys::write_all(theirs, done ? body() : done.error().message());
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

}  // namespace

TEST(overlay_confine, nothing_can_be_started) {
  EXPECT_EQ(confined([] {
              char* const words[] = {nullptr};
              return outcome(::execve("/bin/true", words, words));
            }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::fork()); }), "EPERM");
}

TEST(overlay_confine, nobody_else_can_be_reached) {
  EXPECT_EQ(confined([] { return outcome(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::kill(::getppid(), 0)); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::fcntl(0, F_SETOWN, ::getppid())); }), "EPERM");
}

TEST(overlay_confine, mounts_and_namespaces_stay) {
  EXPECT_EQ(confined([] { return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr)); }),
            "EPERM");
  EXPECT_EQ(confined([] { return outcome(::umount2("/tmp", MNT_DETACH)); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::unshare(CLONE_NEWUSER)); }), "EPERM");
  EXPECT_EQ(confined([] { return outcome(::unshare(CLONE_FS)); }), "done");
}

TEST(overlay_confine, no_code_is_loaded) {
  EXPECT_EQ(confined([] {
              void* const page =
                  ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return outcome(page == MAP_FAILED ? -1 : 0);
            }),
            "EPERM");
}

TEST(overlay_confine, limits_are_read_and_not_set) {
  EXPECT_EQ(confined([] {
              rlimit limit{};
              return outcome(::getrlimit(RLIMIT_NOFILE, &limit));
            }),
            "done");
  EXPECT_EQ(confined([] {
              const rlimit limit{.rlim_cur = 16, .rlim_max = 16};
              return outcome(::setrlimit(RLIMIT_NOFILE, &limit));
            }),
            "EPERM");
}

TEST(overlay_confine, files_and_threads_work) {
  EXPECT_EQ(confined([] { return outcome(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }), "done");
  EXPECT_EQ(confined([] {
              std::string said;
              std::thread([&] { said = outcome(::open("/", O_RDONLY | O_CLOEXEC)); }).join();
              return said;
            }),
            "done");
}

TEST(overlay_confine, no_capability_is_left_beyond_those_of_files) {
  const std::string status = confined([] {
    const auto text = sys::read_file(sys::cwd(), "/proc/self/status", 1 << 16);
    return text ? *text : text.error().message();
  });
  const size_t begin = status.find("CapEff:\t");
  ASSERT_NE(begin, std::string::npos) << status;
  const uint64_t held = std::stoull(status.substr(begin + 8), nullptr, 16);
  for (const int other : {CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SETUID, CAP_KILL, CAP_SETPCAP})
    EXPECT_EQ(held >> other & 1, 0U) << other;
}
