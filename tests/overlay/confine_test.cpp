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

#include "support/temp_dir.hpp"
#include "sys/file.hpp"
#include "sys/landlock.hpp"

using namespace wolffia;

namespace {

const sys::Fd& top() {
  static const sys::Fd root = sys::open_at(sys::cwd(), "/", O_PATH | O_DIRECTORY).value();
  return root;
}

overlay::Reachable everything() {
  return {.read = {&top()}, .change = {}, .device = nullptr};
}

/// What `body` says in a process that is confined.
std::string confined(const std::function<std::string()>& body,
                     const overlay::Reachable& reachable = everything()) {
  auto [ours, theirs] = sys::make_pipe(0).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto done = overlay::confine(reachable);
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

namespace {

/// Two layers, each with a file, and a way to say what can be done below them.
class Layers {
 public:
  Layers() {
    for (const char* layer : {"lower", "upper", "work", "other"}) {
      EXPECT_EQ(::mkdir((dir_ / layer).c_str(), 0755), 0);
      EXPECT_TRUE(sys::Fd(::open(at(layer, "file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
    }
  }
  std::string at(const std::string& layer, const std::string& name) const {
    return dir_ / (layer + "/" + name);
  }
  /// What `body` says with the first of them to be read and the two others to be changed.
  std::string confined_to(const std::function<std::string()>& body) const {
    const sys::Fd lower = layer("lower");
    const sys::Fd upper = layer("upper");
    const sys::Fd work = layer("work");
    return confined(body, {.read = {&lower}, .change = {&upper, &work}, .device = "/dev/null"});
  }

 private:
  sys::Fd layer(const char* name) const {
    return sys::open_at(sys::cwd(), (dir_ / name).c_str(), O_PATH | O_DIRECTORY).value();
  }

  test::TempDir dir_;
};

std::string opened(const std::string& path, int flags) {
  return outcome(::open(path.c_str(), flags | O_CLOEXEC, 0644));
}

bool has_landlock() {
  const auto rules = sys::FileRules::make();
  return rules && *rules;
}

}  // namespace

TEST(overlay_confine, layers_are_served) {
  const Layers layers;
  EXPECT_EQ(layers.confined_to([&] { return opened(layers.at("lower", "file"), O_RDONLY); }),
            "done");
  EXPECT_EQ(
      layers.confined_to([&] { return opened(layers.at("upper", "file"), O_RDWR | O_TRUNC); }),
      "done");
  EXPECT_EQ(layers.confined_to([&] {
    return outcome(::renameat(AT_FDCWD, layers.at("work", "file").c_str(), AT_FDCWD,
                              layers.at("upper", "moved").c_str()));
  }),
            "done");
  EXPECT_EQ(layers.confined_to([&] { return opened("/dev/null", O_RDWR); }), "done");
}

TEST(overlay_confine, other_files_are_out_of_reach) {
  if (!has_landlock()) GTEST_SKIP() << "the kernel has no Landlock with LANDLOCK_ACCESS_FS_REFER";
  const Layers layers;
  EXPECT_EQ(layers.confined_to([] { return opened("/etc/passwd", O_RDONLY); }), "EACCES");
  EXPECT_EQ(layers.confined_to([&] { return opened(layers.at("other", "file"), O_RDONLY); }),
            "EACCES");
  EXPECT_EQ(layers.confined_to([&] { return opened(layers.at("lower", "file"), O_WRONLY); }),
            "EACCES");
  EXPECT_EQ(layers.confined_to([&] { return opened(layers.at("other", "n"), O_CREAT | O_WRONLY); }),
            "EACCES");
  EXPECT_EQ(layers.confined_to([&] {
    return outcome(::linkat(AT_FDCWD, layers.at("upper", "file").c_str(), AT_FDCWD,
                            layers.at("other", "file2").c_str(), 0));
  }),
            "EACCES");
}
