// SPDX-License-Identifier: Apache-2.0
#include "launch/hooks.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

oci::Hook shell(std::string script) {
  return {.path = "/bin/sh", .args = {"sh", "-c", std::move(script)}, .env = {}, .timeout = {}};
}

/// A file that is gone with the test.
class TempFile {
 public:
  TempFile() { ::close(::mkstemp(path_)); }
  ~TempFile() { ::unlink(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const char* path() const { return path_; }
  std::string text() const {
    auto text = sys::read_file(sys::cwd(), path_, 1 << 20);
    return text ? std::move(text).value() : "unreadable";
  }

 private:
  char path_[32] = "/tmp/wolffia-hook-XXXXXX";
};

TEST(hooks, get_the_state_on_standard_input) {
  const TempFile file;
  ASSERT_TRUE(run_hook(shell(cat("cat >", file.path())), "{\"id\":\"x\"}"));
  EXPECT_EQ(file.text(), "{\"id\":\"x\"}");
}

TEST(hooks, that_do_not_read_are_no_failure) {
  EXPECT_TRUE(run_hook(shell("exec <&-; exit 0"), std::string(1 << 20, 's')));
}

TEST(hooks, that_read_slowly_get_a_state_larger_than_a_pipe) {
  const TempFile file;
  const std::string state(300000, 's');
  ASSERT_TRUE(run_hook(shell(cat("cat >", file.path())), state));
  EXPECT_EQ(file.text(), state);
}

TEST(hooks, that_exit_with_another_status_fail) {
  const auto done = run_hook(shell("exit 3"), "{}");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "hook /bin/sh: exited with status 3");
}

TEST(hooks, that_are_missing_fail) {
  const auto done =
      run_hook({.path = "/nonexistent/hook", .args = {}, .env = {}, .timeout = {}}, "");
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(ENOENT));
}

TEST(hooks, are_killed_at_their_timeout) {
  oci::Hook hook = shell("exec sleep 1000");
  hook.timeout = 1;
  const auto done = run_hook(hook, "{}");
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(ETIMEDOUT));
}

TEST(hooks, see_only_the_environment_they_were_given) {
  const TempFile file;
  ::setenv("WOLFFIA_SECRET", "1", 1);
  oci::Hook hook = shell(cat("env >", file.path()));
  hook.env = {"A=b"};
  ASSERT_TRUE(run_hook(hook, "{}"));
  EXPECT_NE(file.text().find("A=b"), std::string::npos);
  EXPECT_EQ(file.text().find("WOLFFIA_SECRET"), std::string::npos);
}

TEST(hooks, inherit_no_descriptor) {
  const TempFile file;
  const sys::Fd leaked(::open("/etc/passwd", O_RDONLY));  // without O_CLOEXEC: a caller's
  const std::string script =
      cat("test -e /proc/self/fd/", leaked.get(), " && echo leaked >", file.path(), "; true");
  ASSERT_TRUE(run_hook(shell(script), "{}"));
  EXPECT_EQ(file.text(), "");
}

TEST(hooks, stop_at_the_first_that_fails) {
  const TempFile file;
  const auto done =
      run_hooks("createRuntime",
                {shell("exit 0"), shell("exit 1"), shell(cat("echo ran >", file.path()))}, "{}");
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message().starts_with("hooks.createRuntime[1]: "));
  EXPECT_EQ(file.text(), "");
}

}  // namespace
}  // namespace wolffia::launch
