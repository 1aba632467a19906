// SPDX-License-Identifier: Apache-2.0
#include "image/lock.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "base/hash.hpp"
#include "image/lock_file.hpp"
#include "image/store_support.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

using namespace std::chrono_literals;

/// Runs `body` in a child; its exit status.
template <class Body>
int in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Both kinds of lock: the parameter is what the environment says.
class LockTest : public ::testing::TestWithParam<const char*> {
 protected:
  Locks open(LockTimes times = {}) const {
    return Locks(value_of(sys::open_directory(sys::cwd(), dir_.path().c_str())), times);
  }
  std::optional<Lock> try_take(LockMode mode, const std::string& name = "a") const {
    return value_of(open().try_take(name, mode));
  }
  size_t files() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir_.path()))
      ++count;
    return count;
  }
  /// A child that has the lock until it is killed; its pid.
  pid_t start_holder(LockMode mode) const {
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0) return -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
      const auto lock = try_take(mode);
      (void)!::write(ready[1], lock ? "y" : "n", 1);
      for (;;)
        ::pause();
    }
    ::close(ready[1]);
    char answer = 0;
    (void)!::read(ready[0], &answer, 1);
    ::close(ready[0]);
    EXPECT_EQ(answer, 'y');
    return pid;
  }
  static void kill_holder(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  TempDir dir_;

 private:
  Variable fallback_{"WOLFFIA_FORCE_FALLBACK", GetParam()};
};

TEST_P(LockTest, one_has_it_alone) {
  const auto lock = try_take(LockMode::Exclusive);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
  EXPECT_FALSE(try_take(LockMode::Shared));
  EXPECT_TRUE(try_take(LockMode::Exclusive, "b"));
}

TEST_P(LockTest, many_share_it) {
  const auto one = try_take(LockMode::Shared);
  const auto two = try_take(LockMode::Shared);
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
}

TEST_P(LockTest, it_ends_with_its_object) {
  { const auto lock = try_take(LockMode::Exclusive); }
  { const auto lock = try_take(LockMode::Shared); }
  auto lock = try_take(LockMode::Exclusive);
  ASSERT_TRUE(lock);
  const Lock moved = *std::exchange(lock, std::nullopt);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
}

TEST_P(LockTest, it_leaves_no_file) {
  { const auto lock = try_take(LockMode::Exclusive); }
  EXPECT_EQ(files(), 0U);
}

TEST_P(LockTest, the_lock_of_a_killed_process_is_free) {
  for (const LockMode mode : {LockMode::Exclusive, LockMode::Shared}) {
    const pid_t holder = start_holder(mode);
    EXPECT_FALSE(try_take(LockMode::Exclusive));
    kill_holder(holder);
    EXPECT_TRUE(try_take(LockMode::Exclusive));
  }
}

TEST_P(LockTest, who_waits_is_told_once_and_gets_it) {
  const pid_t holder = start_holder(LockMode::Exclusive);
  int told = 0;
  LockTimes times;
  times.poll = 5ms;
  std::thread killer([holder] {
    std::this_thread::sleep_for(50ms);
    kill_holder(holder);
  });
  const auto lock = open(times).take("a", LockMode::Exclusive, [&] { ++told; });
  killer.join();
  EXPECT_TRUE(lock);
  EXPECT_EQ(told, 1);
}

TEST_P(LockTest, nobody_is_told_who_need_not_wait) {
  int told = 0;
  EXPECT_TRUE(open().take("a", LockMode::Shared, [&] { ++told; }));
  EXPECT_EQ(told, 0);
}

TEST_P(LockTest, a_forked_child_does_not_end_it) {
  auto lock = try_take(LockMode::Exclusive);
  EXPECT_EQ(in_child([&] {
              lock.reset();
              return 0;
            }),
            0);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
}

TEST_P(LockTest, threads_exclude_each_other) {
  Locks locks = open({.lease = 60s, .heartbeat = 15s, .poll = 1ms});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) {
        const auto lock = locks.take("a", LockMode::Exclusive);
        most = std::max(most.load(), ++inside);
        --inside;
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(most, 1);
}

/// Each of several processes reads a number and writes the next, again and again, and now and then
/// one dies with the lock: none is lost.
TEST_P(LockTest, processes_that_die_with_it_lose_nothing) {
  constexpr int kProcesses = 6;
  constexpr int kRounds = 20;
  const std::string counter = dir_ / "counter";
  write_text(counter, "0");
  pid_t pids[kProcesses];
  for (pid_t& pid : pids) {
    pid = ::fork();
    if (pid != 0) continue;
    Locks locks = open({.lease = 60s, .heartbeat = 15s, .poll = 1ms});
    for (int round = 0; round < kRounds; ++round) {
      const auto lock = locks.take("a", LockMode::Exclusive);
      if (!lock) ::_exit(1);
      write_text(counter, std::to_string(std::stoi(read_text(counter)) + 1));
    }
    const auto lock = locks.take("a", LockMode::Exclusive);
    ::kill(::getpid(), SIGKILL);
  }
  for (const pid_t pid : pids) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  EXPECT_EQ(read_text(counter), std::to_string(kProcesses * kRounds));
  EXPECT_TRUE(try_take(LockMode::Exclusive));
}

INSTANTIATE_TEST_SUITE_P(kinds, LockTest, ::testing::Values("", "flock"), [](const auto& test) {
  return std::string(*test.param ? "links" : "flock");
});

/// What only files have to do.
class LinkLockTest : public LockTest {
 protected:
  /// A lock file of `text`, last renewed so many seconds ago.
  void write_lock(const std::string& text, int age) const {
    const std::string path = dir_ / "a.held";
    write_text(path, text);
    struct timespec now {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const timespec times[] = {{now.tv_sec - age, 0}, {now.tv_sec - age, 0}};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
  }
};

TEST_P(LinkLockTest, another_machine_is_believed_until_its_lease_has_run_out) {
  write_lock("elsewhere/1-2/pid:[3] 1 5\n", 50);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
  EXPECT_FALSE(try_take(LockMode::Shared));
  write_lock("elsewhere/1-2/pid:[3] 1 5\n", 70);
  EXPECT_TRUE(try_take(LockMode::Exclusive));
}

TEST_P(LinkLockTest, a_pid_that_was_used_again_is_not_its_holder) {
  Holder holder = Holder::self();
  write_lock(holder.text(), 0);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
  holder.start_time -= 1;
  write_lock(holder.text(), 0);
  EXPECT_TRUE(try_take(LockMode::Shared));
}

TEST_P(LinkLockTest, what_is_no_lock_file_of_ours_has_a_lease_too) {
  write_lock("", 0);
  EXPECT_FALSE(try_take(LockMode::Exclusive));
  write_lock("", 70);
  EXPECT_TRUE(try_take(LockMode::Exclusive));
}

TEST_P(LinkLockTest, the_holder_renews_its_file) {
  LockTimes times;
  times.heartbeat = 10ms;
  const auto lock = value_of(open(times).try_take("a", LockMode::Exclusive));
  const auto before = std::filesystem::last_write_time(dir_ / "a.held");
  for (int i = 0; i < 500 && std::filesystem::last_write_time(dir_ / "a.held") == before; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_GT(std::filesystem::last_write_time(dir_ / "a.held"), before);
}

TEST_P(LinkLockTest, who_died_taking_a_stale_one_over_stops_nobody_for_good) {
  write_lock("elsewhere/1-2/pid:[3] 1 5\n", 70);
  const std::string text = read_text(dir_ / "a.held");
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  Holder holder = Holder::self();
  holder.pid = dead;
  write_text(cat(dir_.path(), "/a.held.over-", hash_bytes(text)), holder.text());
  LockTimes times;
  times.poll = 1ms;
  EXPECT_TRUE(open(times).take("a", LockMode::Exclusive));
  EXPECT_EQ(files(), 0U);
}

INSTANTIATE_TEST_SUITE_P(files, LinkLockTest, ::testing::Values("flock"));

/// From here on flock(2) answers `error` in this process.
bool refuse_flock(int error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{4, filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(lock, a_file_system_without_flock_gets_files) {
  for (const int error : {ENOSYS, ENOLCK, EOPNOTSUPP}) {
    const TempDir dir;
    const int status = in_child([&] {
      if (!refuse_flock(error)) return 2;
      Locks locks(value_of(sys::open_directory(sys::cwd(), dir.path().c_str())));
      const auto lock = locks.try_take("a", LockMode::Exclusive);
      const bool held = lock && *lock && std::filesystem::exists(dir / "a.held");
      return held && !value_of(locks.try_take("a", LockMode::Shared)) ? 0 : 1;
    });
    EXPECT_EQ(status, 0) << strerrorname_np(error);
  }
}

TEST(lock, another_failure_is_told) {
  const TempDir dir;
  const int status = in_child([&] {
    if (!refuse_flock(EIO)) return 2;
    Locks locks(value_of(sys::open_directory(sys::cwd(), dir.path().c_str())));
    const auto lock = locks.try_take("a", LockMode::Exclusive);
    return !lock && lock.error().is(EIO) ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace wolffia::image
