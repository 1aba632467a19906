// SPDX-License-Identifier: Apache-2.0
#include "cli/user/request.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/user/commands.hpp"

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
  EXPECT_EQ(request->kind, RootKind::Directory);
}

TEST(run_request, refuses_what_is_no_directory) {
  EXPECT_TRUE(failure_of({"/etc/passwd"}).starts_with("\"/etc/passwd\" is no directory"));
  EXPECT_TRUE(failure_of({"/nonexistent"}).starts_with("\"/nonexistent\" is no directory"));
}

TEST(run_request, takes_what_is_no_path_for_the_name_of_an_image) {
  for (const char* name : {"debian:12", "usr", "oci:/some/layout", "h.io/a/b@sha256:00"}) {
    const auto request = request_of({name});
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(request->kind, RootKind::Image);
    EXPECT_EQ(request->image, name);
  }
}

TEST(run_request, takes_mounts_in_words) {
  const auto request = request_of({"--mount", "type=bind,src=/a,dst=/b,ro", "--mount",
                                   "type=tmpfs,target=/t,tmpfs-size=1m", "--tmpfs", "/u:mode=700",
                                   "--device", "/dev/null:/dev/nothing", "x"});
  ASSERT_TRUE(request) << request.error().message();
  ASSERT_EQ(request->mounts.size(), 4U);
  EXPECT_EQ(request->mounts[0].options, (std::vector<std::string>{"nosuid", "nodev", "mode=700"}));
  EXPECT_EQ(request->mounts[1].source, "/a");
  EXPECT_EQ(request->mounts[1].options.back(), "rro");
  EXPECT_EQ(request->mounts[2].options.back(), "size=1048576");
  EXPECT_EQ(request->mounts[3].destination, "/dev/nothing");
}

TEST(run_request, refuses_mounts_it_cannot_read) {
  EXPECT_EQ(failure_of({"--mount", "type=bind,src=/a", "x"}),
            "--mount \"type=bind,src=/a\" needs an absolute target=");
  EXPECT_EQ(failure_of({"--mount", "type=nfs,target=/a", "x"}),
            "--mount \"type=nfs,target=/a\" may have type=bind or type=tmpfs");
  EXPECT_EQ(failure_of({"--device", "/etc/passwd", "x"}),
            "--device \"/etc/passwd\" is no device of this host");
}

TEST(run_request, takes_security_options) {
  const auto request = request_of({"--security-opt", "seccomp=unconfined", "--security-opt",
                                   "no-new-privileges=false", "--cap-add", "sys_ptrace", "x"});
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->seccomp.confined);
  EXPECT_FALSE(request->no_new_privileges);
  EXPECT_EQ(request->cap_add, std::vector<std::string>{"CAP_SYS_PTRACE"});
  EXPECT_TRUE(failure_of({"--security-opt", "label=disable", "x"}).starts_with("--security-opt"));
}

TEST(run_request, leaves_to_a_bundle_what_its_config_says) {
  EXPECT_NE(failure_of({"--user", "1", WOLFFIA_TEST_DATA "/bundle"}).find("--user is not for"),
            std::string::npos);
}

TEST(run_request, takes_volumes) {
  const auto request = request_of({"-v", "/a:/b", "-v", "/c:/d:ro", "/usr"});
  ASSERT_TRUE(request);
  ASSERT_EQ(request->mounts.size(), 2U);
  EXPECT_EQ(request->mounts[0].destination, "/b");
  EXPECT_EQ(request->mounts[0].options.back(), "rw");
  EXPECT_EQ(request->mounts[1].destination, "/d");
  EXPECT_EQ(request->mounts[1].options.back(), "rro");
}

TEST(run_request, refuses_volumes_it_cannot_read) {
  EXPECT_EQ(failure_of({"-v", "/a", "/usr"}), "--volume \"/a\" must be SOURCE:TARGET[:ro]");
  EXPECT_EQ(failure_of({"-v", "/a:b", "/usr"}), "--volume \"/a:b\" needs an absolute TARGET");
  EXPECT_EQ(failure_of({"-v", "/a:/b:x", "/usr"}),
            "--volume \"/a:/b:x\" may end in :ro or :rw only");
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
  ASSERT_EQ(request->mounts.size(), 1U);
  EXPECT_EQ(request->mounts[0].source, request->workdir);
  EXPECT_EQ(request->mounts[0].destination, request->workdir);
}

TEST(run_request, wants_an_absolute_working_directory) {
  EXPECT_EQ(failure_of({"-w", "tmp", "/usr"}), "--workdir \"tmp\" must be absolute");
}

}  // namespace
}  // namespace wolffia::cli::user
