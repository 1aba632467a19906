// SPDX-License-Identifier: Apache-2.0
#include "cli/user/request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

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

TEST(run_request, has_storage_for_images_only) {
  EXPECT_EQ(failure_of({"--storage", "fuse", "/usr"}),
            "--storage is for images: leave it out, /usr is used as it is");
  ASSERT_TRUE(request_of({"--storage", "fuse", "debian:12"}));
}

TEST(run_request, refuses_what_is_no_directory) {
  EXPECT_EQ(failure_of({"/etc/passwd"}),
            "\"/etc/passwd\" is no SquashFS file: an image in it is oci-archive:/etc/passwd or "
            "docker-archive:/etc/passwd");
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

TEST(run_request, takes_the_name_of_an_image_as_other_tools_write_it) {
  const auto request = request_of({"docker://h.io/a:1"});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->image, "h.io/a:1");
}

TEST(run_request, takes_an_entrypoint_with_arguments) {
  const auto request = request_of({"--entrypoint", R"(["sh", "-c"])", "x", "pwd"});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->entrypoint, "sh");
  EXPECT_EQ(request->command, (std::vector<std::string>{"-c", "pwd"}));
  EXPECT_EQ(request_of({"--entrypoint", "", "x"})->entrypoint, "");
  EXPECT_NE(failure_of({"--entrypoint", "[sh]", "x"}).find("--entrypoint"), std::string::npos);
}

TEST(run_request, says_what_is_meant_by_options_of_other_programs) {
  EXPECT_NE(failure_of({"-P", "x"}).find("--publish 8080:80"), std::string::npos);
  EXPECT_NE(failure_of({"--privileged", "x"}).find("--cap-add ALL"), std::string::npos);
  EXPECT_NE(failure_of({"-B", "/a", "x"}).find("--volume SOURCE:TARGET"), std::string::npos);
}

TEST(run_request, takes_mounts_in_words) {
  const auto request = request_of({"--mount", "type=bind,src=/usr,dst=/b,ro", "--mount",
                                   "type=tmpfs,target=/t,tmpfs-size=1m", "--tmpfs", "/u:mode=700",
                                   "--device", "/dev/null:/dev/nothing", "x"});
  ASSERT_TRUE(request) << request.error().message();
  ASSERT_EQ(request->mounts.size(), 4U);
  EXPECT_EQ(request->mounts[0].options, (std::vector<std::string>{"nosuid", "nodev", "mode=700"}));
  EXPECT_EQ(request->mounts[1].source, "/usr");
  EXPECT_EQ(request->mounts[1].options.back(), "rro");
  EXPECT_EQ(request->mounts[2].options.back(), "size=1048576");
  EXPECT_EQ(request->mounts[3].destination, "/dev/nothing");
}

TEST(run_request, refuses_mounts_it_cannot_read) {
  EXPECT_EQ(failure_of({"--mount", "type=bind,src=/a", "x"}),
            "--mount \"type=bind,src=/a\" needs an absolute target=");
  EXPECT_EQ(failure_of({"--mount", "type=nfs,target=/a", "x"}),
            "--mount \"type=nfs,target=/a\" may have type=bind or type=tmpfs");
  EXPECT_EQ(failure_of({"--mount", "type=bind,src=/a,target=/a,rw=maybe", "x"}),
            "--mount \"type=bind,src=/a,target=/a,rw=maybe\" has an unknown \"rw\"");
  EXPECT_EQ(failure_of({"--device", "/dev/null:/x:rwx", "x"}),
            "--device \"/dev/null:/x:rwx\" must be SOURCE[:TARGET[:rwm]], absolute paths");
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
  EXPECT_TRUE(request_of({"--security-opt", "label=disable", "x"}));
  EXPECT_TRUE(failure_of({"--security-opt", "label=type:x", "x"}).starts_with("--security-opt"));
}

TEST(run_request, leaves_to_a_bundle_what_its_config_says) {
  EXPECT_NE(failure_of({"--user", "1", WOLFFIA_TEST_DATA "/bundle"}).find("--user is not for"),
            std::string::npos);
}

TEST(run_request, takes_volumes) {
  const auto request = request_of({"-v", "/usr:/b", "-v", "/etc:/d:ro", "/usr"});
  ASSERT_TRUE(request);
  ASSERT_EQ(request->mounts.size(), 2U);
  EXPECT_EQ(request->mounts[0].destination, "/b");
  EXPECT_EQ(request->mounts[0].options.back(), "rw");
  EXPECT_EQ(request->mounts[1].destination, "/d");
  EXPECT_EQ(request->mounts[1].options.back(), "rro");
}

TEST(run_request, knows_how_volumes_are_shown_elsewhere) {
  const auto request = request_of({"-v", "/usr:/b:ro,z,noexec,rslave", "-v", "./:/d:Z,cached",
                                   "--mount", "src=/usr,dst=/e,ro=false,bind-propagation=slave",
                                   "--device", "/dev/null:rw", "/usr"});
  ASSERT_TRUE(request) << request.error().message();
  ASSERT_EQ(request->mounts.size(), 4U);
  EXPECT_EQ(request->mounts[1].options,
            (std::vector<std::string>{"rbind", "rslave", "nosuid", "nodev", "noexec", "rro"}));
  EXPECT_EQ(request->mounts[2].source, std::filesystem::current_path());
  EXPECT_EQ(request->mounts[2].options.back(), "rw");
  EXPECT_EQ(request->mounts[0].options,
            (std::vector<std::string>{"rbind", "rslave", "nosuid", "nodev", "rw"}));
  EXPECT_EQ(request->mounts[3].destination, "/dev/null");
}

TEST(run_request, refuses_volumes_that_do_not_exist) {
  EXPECT_EQ(failure_of({"-v", "/nowhere:/b", "/usr"}),
            "--volume \"/nowhere:/b\" shows \"/nowhere\", which does not exist: make it first");
}

TEST(run_request, refuses_volumes_it_cannot_read) {
  EXPECT_EQ(
      failure_of({"-v", "/a", "/usr"}),
      "--volume \"/a\" must be SOURCE:TARGET[:ro]; --tmpfs TARGET is a directory of nobody's");
  EXPECT_EQ(
      failure_of({"-v", "data:/b", "/usr"}),
      "--volume \"data:/b\" names a volume, and there are only directories here: write ./data");
  EXPECT_EQ(failure_of({"-v", "/a:b", "/usr"}), "--volume \"/a:b\" needs an absolute TARGET");
  EXPECT_EQ(failure_of({"-v", "/a:/b:x", "/usr"}),
            "--volume \"/a:/b:x\" ends in \"x\", which is none of ro, rw, noexec, rslave, z");
}

TEST(run_request, passes_a_variable_of_the_host_by_name) {
  ::setenv("WOLFFIA_ONE", "1", 1);
  ::unsetenv("WOLFFIA_TWO");
  const auto request =
      request_of({"-e", "WOLFFIA_ONE", "-e", "WOLFFIA_TWO", "-e", "A=b=c", "/usr"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->env, (std::vector<std::string>{"WOLFFIA_ONE=1", "A=b=c"}));
}

TEST(run_request, passes_variables_of_the_host_by_their_beginning) {
  ::setenv("WOLFFIA_OF_A", "1", 1);
  ::setenv("WOLFFIA_OF_B", "2", 1);
  const auto request = request_of({"-e", "WOLFFIA_OF_*", "-e", "EMPTY=", "/usr"});
  ASSERT_TRUE(request);
  std::vector<std::string> env = request->env;
  std::sort(env.begin(), env.end());
  EXPECT_EQ(env, (std::vector<std::string>{"EMPTY=", "WOLFFIA_OF_A=1", "WOLFFIA_OF_B=2"}));
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
