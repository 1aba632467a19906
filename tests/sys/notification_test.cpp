// SPDX-License-Identifier: Apache-2.0
#include "sys/notification.hpp"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <thread>

#include "sys/attributes.hpp"
#include "sys/seccomp.hpp"

namespace wolffia::sys {
namespace {

/// A thread whose getppid(2) waits for what is answered here.
class Asking {
 public:
  Asking() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    thread_ = std::thread([this, end = ends[1]] {
      const int listener = filter();
      (void)!::write(end, &listener, sizeof(listener));
      if (listener < 0) return;
      errno = 0;
      answer_ = ::syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
      error_ = errno;
    });
    int listener = -1;
    EXPECT_EQ(::read(ends[0], &listener, sizeof(listener)), static_cast<ssize_t>(sizeof(listener)));
    listener_ = Fd(listener);
    (void)::close(ends[0]);
    (void)::close(ends[1]);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {
    if (thread_.joinable()) thread_.join();
  }

  const Fd& listener() const { return listener_; }
  long answer() {
    thread_.join();
    return answer_;
  }
  int error() const { return error_; }

 private:
  static int filter() {
    constexpr std::array kProgram{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    if (!forbid_new_privileges()) return -1;
    auto listener = install_filter_with_listener(kProgram, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    return listener ? listener->release() : -1;
  }

  std::thread thread_;
  Fd listener_;
  long answer_ = 0;
  int error_ = 0;
};

TEST(notification, says_which_call_waits) {
  Asking asking;
  const auto told = receive_notification(asking.listener()).value();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->call, SYS_getppid);
  EXPECT_EQ(told->arguments, (std::array<uint64_t, 6>{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(is_waiting(asking.listener(), *told));
  EXPECT_TRUE(answer(asking.listener(), *told, 0));
  EXPECT_EQ(asking.answer(), 0);
  EXPECT_FALSE(is_waiting(asking.listener(), *told));
}

TEST(notification, is_answered_with_an_error) {
  Asking asking;
  const auto told = receive_notification(asking.listener()).value();
  EXPECT_TRUE(answer(asking.listener(), *told, EXDEV));
  EXPECT_EQ(asking.answer(), -1);
  EXPECT_EQ(asking.error(), EXDEV);
}

TEST(notification, lets_the_call_be_made) {
  Asking asking;
  const auto told = receive_notification(asking.listener()).value();
  EXPECT_TRUE(let_go_on(asking.listener(), *told));
  EXPECT_EQ(asking.answer(), ::getppid());
}

TEST(notification, what_no_longer_waits_needs_no_answer) {
  Asking asking;
  const auto told = receive_notification(asking.listener()).value();
  EXPECT_TRUE(answer(asking.listener(), *told, 0));
  EXPECT_EQ(asking.answer(), 0);
  EXPECT_TRUE(answer(asking.listener(), *told, 0));
}

/// Two pages, of which only the first is there.
class LastPage {
 public:
  LastPage() {
    start_ = static_cast<char*>(
        ::mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    EXPECT_EQ(::munmap(start_ + size_, size_), 0);
  }
  LastPage(const LastPage&) = delete;
  LastPage& operator=(const LastPage&) = delete;
  ~LastPage() { (void)::munmap(start_, size_); }
  /// Where the last bytes of the page are `bytes`.
  uint64_t ending_in(std::string_view bytes) const {
    char* place = start_ + size_ - bytes.size();
    std::memcpy(place, bytes.data(), bytes.size());
    return reinterpret_cast<uint64_t>(place);
  }

 private:
  size_t size_ = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  char* start_;
};

TEST(read_text_of, stops_where_the_text_does) {
  const LastPage page;
  const uint64_t at = page.ending_in(std::string_view("name\0", 5));
  EXPECT_EQ(read_text_of(::getpid(), at, 4096).value(), "name");
  EXPECT_EQ(read_text_of(::getpid(), at + 4, 4096).value(), "");
}

TEST(read_text_of, goes_over_the_end_of_a_page) {
  const std::string text(6000, 'x');
  EXPECT_EQ(read_text_of(::getpid(), reinterpret_cast<uint64_t>(text.c_str()), 8192).value(), text);
}

TEST(read_text_of, says_what_is_wrong_with_it) {
  const LastPage page;
  EXPECT_TRUE(read_text_of(::getpid(), page.ending_in("no end"), 4096).error().is(EFAULT));
  EXPECT_TRUE(read_text_of(::getpid(), 1, 4096).error().is(EFAULT));
  const std::string text(100, 'x');
  EXPECT_TRUE(read_text_of(::getpid(), reinterpret_cast<uint64_t>(text.c_str()), 100)
                  .error()
                  .is(ENAMETOOLONG));
}

}  // namespace
}  // namespace wolffia::sys
