// SPDX-License-Identifier: Apache-2.0
#include "launch/init.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "plan/make_plan.hpp"
#include "support/temp_dir.hpp"
#include "sys/process.hpp"

// These start real containers: a directory that borrows the machine's /usr is their root.
namespace wolffia::launch {
namespace {

/// A bundle whose program is the shell script `script`.
class StartTest : public testing::Test {
 protected:
  StartTest() {
    std::filesystem::create_directories(bundle_ / "rootfs");
    for (const char* const name : {"usr", "proc", "dev"})
      std::filesystem::create_directory(bundle_ / cat("rootfs/", name));
    for (const char* const name : {"bin", "lib", "lib64"})
      std::filesystem::create_symlink(cat("usr/", name), bundle_ / cat("rootfs/", name));
    spec_.root.path = "rootfs";
    spec_.linux.namespaces = {{oci::NamespaceType::Mount, ""}, {oci::NamespaceType::Pid, ""}};
    spec_.mounts = {{"/usr", "bind", "/usr", {"rbind", "ro"}, {}, {}},
                    {"/proc", "proc", "proc", {}, {}, {}},
                    {"/dev", "tmpfs", "tmpfs", {"mode=755"}, {}, {}}};
    spec_.process.emplace();
    spec_.process->cwd = "/";
    host_.uid = ::geteuid();
    host_.gid = ::getegid();
    host_.uid_map = host_.gid_map = {{0, 0, UINT32_MAX}};
  }

  /// Runs the script to its end and returns its exit status; keeps what was degraded.
  int run(const std::string& script) {
    spec_.process->args = {"/bin/sh", "-c", script};
    plan::Options options;
    options.id = "start-test";
    options.bundle = bundle_.path();
    auto plan = plan::make_plan(spec_, host_, options);
    if (!plan) return failed(plan.error());
    auto init = start_init(*plan, {});
    if (!init) return failed(init.error());
    for (const auto step : {&Init::prepare, &Init::release, &Init::wait_exec})
      if (auto done = ((*init).*step)(); !done) return failed(done.error());
    notices_ = init->notices();
    const auto ended = sys::wait_for(init->pidfd());
    return ended ? ended->status() : failed(ended.error());
  }

  bool told(std::string_view part) const {
    return std::any_of(notices_.begin(), notices_.end(), [&](const std::string& notice) {
      return notice.find(part) != std::string::npos;
    });
  }

  static int failed(const Error& error) {
    ADD_FAILURE() << error.message();
    return -1;
  }

  test::TempDir bundle_;
  oci::Spec spec_;
  plan::Host host_;
  std::vector<std::string> notices_;
};

TEST_F(StartTest, one_id_is_enough_to_run_a_program) {
  EXPECT_EQ(run("test $(id -u):$(id -g) = 0:0 && test $$ = 1"), 0);
  EXPECT_EQ(run("exit 7"), 7);
}

TEST_F(StartTest, the_one_id_may_be_another_than_root) {
  spec_.process->user.uid = 33;
  spec_.process->user.gid = 34;
  EXPECT_EQ(run("test $(id -u):$(id -g) = 33:34"), 0);
}

// Nobody was given these ids, so newuidmap(1) refuses them, or there is no newuidmap.
TEST_F(StartTest, when_the_helpers_fail_one_id_serves_and_all_that_needs_more_goes) {
  host_.sub_uids = host_.sub_gids = {{4000000000, 10}};
  spec_.process->user.uid = 3;
  spec_.process->user.gid = 4;
  spec_.process->user.additional_gids = {7};
  spec_.mounts.push_back({"/dev/pts", "devpts", "devpts", {"newinstance", "gid=5"}, {}, {}});
  EXPECT_EQ(run("test $(id -u):$(id -g) = 3:4 && test $(wc -l </proc/self/uid_map) = 1"), 0);
  EXPECT_TRUE(told("only one uid and gid exist inside"));
  EXPECT_TRUE(told("process.user.additionalGids: left out"));
}

TEST_F(StartTest, when_the_helpers_fail_for_ids_of_the_bundle_nothing_runs) {
  spec_.linux.uid_mappings = spec_.linux.gid_mappings = {{0, 4000000000, 10}};
  spec_.process->args = {"true"};
  const auto plan = plan::make_plan(spec_, host_, {});
  ASSERT_TRUE(plan) << plan.error().message();
  const auto init = start_init(*plan, {});
  ASSERT_FALSE(init);
  EXPECT_NE(init.error().message().find("newuidmap"), std::string::npos) << init.error().message();
}

}  // namespace
}  // namespace wolffia::launch
