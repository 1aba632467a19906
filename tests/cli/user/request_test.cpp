// SPDX-License-Identifier: Apache-2.0
#include "cli/user/request.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/user/options.hpp"

namespace wolffia::cli::user {
namespace {

Result<RunRequest> request_of(std::vector<const char*> words) {
  words.insert(words.begin(), "run");
  Arguments arguments;
  TRY(parse(kProgram, words, arguments));
  return make_request(arguments);
}

std::string failure_of(std::vector<const char*> words) {
  const auto request = request_of(std::move(words));
  return request ? "accepted" : request.error().message();
}

TEST(run_request, leaves_the_command_as_it_is) {
  const auto request = request_of({"-i", "/usr", "ls", "-l", "--env", "x"});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->command, (std::vector<std::string>{"ls", "-l", "--env", "x"}));
  EXPECT_TRUE(request->interactive);
}

TEST(run_request, knows_a_bundle_from_a_directory) {
  const auto request = request_of({"/usr"});
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->is_bundle);
}

TEST(run_request, refuses_what_is_no_directory) {
  EXPECT_TRUE(failure_of({"/etc/passwd"}).starts_with("\"/etc/passwd\" is no directory"));
  EXPECT_TRUE(failure_of({"/nonexistent"}).starts_with("\"/nonexistent\" is no directory"));
}

TEST(run_request, takes_volumes) {
  const auto request = request_of({"-v", "/a:/b", "-v", "/c:/d:ro", "/usr"});
  ASSERT_TRUE(request);
  ASSERT_EQ(request->volumes.size(), 2U);
  EXPECT_EQ(request->volumes[0].target, "/b");
  EXPECT_FALSE(request->volumes[0].readonly);
  EXPECT_EQ(request->volumes[1].target, "/d");
  EXPECT_TRUE(request->volumes[1].readonly);
}

TEST(run_request, refuses_volumes_it_cannot_read) {
  EXPECT_EQ(failure_of({"-v", "/a", "/usr"}), "--volume \"/a\" must be SOURCE:TARGET[:ro]");
  EXPECT_EQ(failure_of({"-v", "/a:b", "/usr"}), "--volume \"/a:b\" needs an absolute TARGET");
  EXPECT_EQ(failure_of({"-v", "/a:/b:z", "/usr"}),
            "--volume \"/a:/b:z\" may end in :ro or :rw only");
}

TEST(run_request, passes_a_variable_of_the_host_by_name) {
  ::setenv("WOLFFIA_ONE", "1", 1);
  ::unsetenv("WOLFFIA_TWO");
  const auto request =
      request_of({"-e", "WOLFFIA_ONE", "-e", "WOLFFIA_TWO", "-e", "A=b=c", "/usr"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->env, (std::vector<std::string>{"WOLFFIA_ONE=1", "A=b=c"}));
}

TEST(run_request, starts_here_when_asked) {
  const auto request = request_of({"--here", "/usr"});
  ASSERT_TRUE(request);
  ASSERT_EQ(request->volumes.size(), 1U);
  EXPECT_EQ(request->volumes[0].source, request->workdir);
  EXPECT_EQ(request->volumes[0].target, request->workdir);
}

TEST(run_request, wants_an_absolute_working_directory) {
  EXPECT_EQ(failure_of({"-w", "tmp", "/usr"}), "--workdir \"tmp\" must be absolute");
}

}  // namespace
}  // namespace wolffia::cli::user
