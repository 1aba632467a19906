// SPDX-License-Identifier: Apache-2.0
// The command lines of the callers that this runtime is a drop-in for, as they were observed.
#include <gtest/gtest.h>

#include "cli/parsing.hpp"
#include "cli/runtime/options.hpp"

namespace wolffia::cli::runtime {
namespace {

Arguments parsed(const Words& words) {
  return cli::parsed(kProgram, words);
}

std::string refused(const Words& words) {
  return cli::refused(kProgram, words);
}

TEST(command_line, of_conmon_create) {
  const Arguments arguments = parsed({"--systemd-cgroup", "--log-format=json", "--log=/run/oci-log",
                                      "create", "--bundle", "/b", "--pid-file", "/p", "--no-pivot",
                                      "--no-new-keyring", "--console-socket", "/s", "0123abc"});
  EXPECT_EQ(arguments.command(), &kCreate);
  EXPECT_TRUE(arguments.has(kSystemdCgroup));
  EXPECT_EQ(arguments.value(kLog), "/run/oci-log");
  EXPECT_EQ(arguments.value(kBundle), "/b");
  EXPECT_EQ(arguments.value(kConsoleSocket), "/s");
  EXPECT_TRUE(arguments.has(kNoPivot));
  EXPECT_EQ(arguments.positionals().front(), "0123abc");
}

TEST(command_line, of_conmon_exec) {
  const Arguments arguments = parsed(
      {"exec", "--pid-file", "/p", "--process", "/j", "--detach", "--preserve-fds", "2", "box"});
  EXPECT_TRUE(arguments.has(kDetach));
  EXPECT_EQ(arguments.value(kProcess), "/j");
  EXPECT_EQ(*arguments.number(kPreserveFds, 0, 100), 2U);
}

TEST(command_line, of_podman) {
  EXPECT_EQ(parsed({"--cgroup-manager", "disabled", "start", "box"}).value(kCgroupManager),
            "disabled");
  EXPECT_TRUE(parsed({"delete", "--force", "box"}).has(kForce));
  EXPECT_TRUE(parsed({"kill", "--all", "box", "9"}).has(kAll));
  EXPECT_EQ(parsed({"kill", "box", "15"}).positionals()[1], "15");
  EXPECT_TRUE(parsed({"--version"}).has(kVersion));
}

TEST(command_line, of_buildah) {
  const Arguments arguments =
      parsed({"create", "--bundle", "/b", "--pid-file", "/p", "buildah-box"});
  EXPECT_EQ(arguments.value(kPidFile), "/p");
  EXPECT_EQ(parsed({"kill", "buildah-box", "SIGKILL"}).positionals()[1], "SIGKILL");
}

TEST(command_line, of_containerds_shim) {
  const Arguments arguments = parsed(
      {"--root", "/r", "--debug", "--log", "/b/log.json", "--log-format", "json", "--rootless=true",
       "create", "--bundle", "/b", "--pid-file", "/p", "--preserve-fds", "1", "id1"});
  EXPECT_EQ(arguments.value(kRoot), "/r");
  EXPECT_EQ(arguments.value(kRootless), "true");
  EXPECT_TRUE(arguments.has(kDebug));
  EXPECT_EQ(parsed({"ps", "--format", "json", "id1"}).value(kFormat), "json");
  EXPECT_EQ(parsed({"list", "--format=json"}).value(kFormat), "json");
  EXPECT_EQ(parsed({"exec", "--process", "/j", "--detach", "id1"}).command(), &kExec);
  EXPECT_EQ(parsed({"features"}).command(), &kFeatures);
}

TEST(command_line, of_slurm) {
  EXPECT_EQ(parsed({"--rootless=true", "--root=/run/user/1000/", "run", "user.box.1", "-b", "/b"})
                .value(kBundle),
            "/b");
  EXPECT_TRUE(parsed({"kill", "-a", "user.box.1"}).has(kAll));
}

TEST(command_line, of_crun) {
  EXPECT_EQ(parsed({"run", "-f", "other.json", "-d", "box"}).value(kConfig), "other.json");
  EXPECT_TRUE(parsed({"delete", "--regex", "b.*"}).has(kRegex));
  EXPECT_EQ(parsed({"--log-level", "warning", "list"}).value(kLogLevel), "warning");
}

TEST(command_line, of_a_person) {
  const Arguments arguments = parsed(
      {"exec", "-tu", "1000:1000", "-e", "A=1", "--cwd", "/tmp", "box", "ls", "-l", "--tty"});
  EXPECT_TRUE(arguments.has(kTty));
  EXPECT_EQ(arguments.value(kUser), "1000:1000");
  EXPECT_EQ(arguments.positionals().size(), 4U);
}

TEST(command_line, tells_what_comes_later) {
  EXPECT_TRUE(
      refused({"update", "--kernel-memory", "1", "box"}).starts_with("--kernel-memory is not in"));
  EXPECT_TRUE(
      refused({"checkpoint", "--image-path", "/x", "box"}).starts_with("checkpoint is not"));
}

}  // namespace
}  // namespace wolffia::cli::runtime
