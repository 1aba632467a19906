// SPDX-License-Identifier: Apache-2.0
#include "cli/user/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "oci/parse_runtime.hpp"

namespace wolffia::cli::user {
namespace {

RunRequest plain() {
  RunRequest request;
  request.directory = "/root/dir";
  request.command = {"ls", "-l"};
  return request;
}

/// The config of `request` in a root that adds nothing but the command.
std::string config_for_directory(const RunRequest& request) {
  Ground ground;
  ground.root = request.directory;
  ground.args = request.command;
  return config_for_root(request, ground);
}

oci::Mount bound(const char* source, const char* target) {
  oci::Mount mount;
  mount.destination = target;
  mount.type = "bind";
  mount.source = source;
  mount.options = {"rbind", "rro"};
  return mount;
}

oci::Spec parsed(const std::string& text) {
  auto spec = oci::parse_spec(text);
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().message());
  return spec ? std::move(spec).value() : oci::Spec{};
}

oci::Spec edited(const RunRequest& request, const char* text) {
  auto config = config_for_bundle(request, text);
  EXPECT_TRUE(config) << (config ? "" : config.error().message());
  return parsed(config ? *config : "{}");
}

constexpr const char* kBundle = R"({
  "ociVersion": "1.0.2",
  "process": {"cwd": "/", "args": ["sh"], "env": ["A=1"], "user": {"uid": 0, "gid": 0}},
  "root": {"path": "rootfs"},
  "hostname": "theirs",
  "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
  "annotations": {"k": "v"},
  "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc", "path": "/x"}]}
})";

TEST(directory_config, runs_the_command_in_the_directory) {
  const oci::Spec spec = parsed(config_for_directory(plain()));
  EXPECT_EQ(spec.root.path, "/root/dir");
  EXPECT_EQ(spec.process->args, (std::vector<std::string>{"ls", "-l"}));
  EXPECT_TRUE(spec.process->no_new_privileges);
}

TEST(directory_config, runs_a_shell_without_a_command) {
  RunRequest request = plain();
  request.command.clear();
  EXPECT_EQ(parsed(config_for_directory(request)).process->args,
            std::vector<std::string>{"/bin/sh"});
}

TEST(directory_config, has_a_seccomp_profile_and_few_capabilities) {
  const oci::Spec spec = parsed(config_for_directory(plain()));
  ASSERT_TRUE(spec.linux.seccomp);
  EXPECT_FALSE(spec.linux.seccomp->syscalls.empty());
  EXPECT_EQ(spec.process->capabilities->bounding.size(), 11U);
  EXPECT_TRUE(spec.process->capabilities->ambient.empty());
  EXPECT_TRUE(spec.process->capabilities->inheritable.empty());
}

TEST(directory_config, has_its_own_network_unless_asked) {
  RunRequest request = plain();
  EXPECT_TRUE(parsed(config_for_directory(request)).find_namespace(oci::NamespaceType::Network));
  request.network = Network::Host;
  EXPECT_FALSE(parsed(config_for_directory(request)).find_namespace(oci::NamespaceType::Network));
}

TEST(directory_config, passes_only_the_listed_variables_of_the_host) {
  ::setenv("WOLFFIA_SECRET", "1", 1);
  ::setenv("TZ", "UTC", 1);
  RunRequest request = plain();
  request.env = {"MINE=2"};
  const std::vector<std::string> env = parsed(config_for_directory(request)).process->env;
  const auto has = [&](const char* variable) {
    return std::find(env.begin(), env.end(), variable) != env.end();
  };
  EXPECT_TRUE(has("TZ=UTC"));
  EXPECT_TRUE(has("MINE=2"));
  EXPECT_FALSE(has("WOLFFIA_SECRET=1"));
}

TEST(directory_config, gives_scratch_space_above_a_read_only_root) {
  RunRequest request = plain();
  request.readonly = true;
  const oci::Spec spec = parsed(config_for_directory(request));
  EXPECT_TRUE(spec.root.readonly);
  EXPECT_TRUE(std::any_of(spec.mounts.begin(), spec.mounts.end(),
                          [](const oci::Mount& mount) { return mount.destination == "/tmp"; }));
}

TEST(directory_config, lets_later_variables_take_the_place_of_earlier_ones) {
  RunRequest request = plain();
  request.env = {"A=request", "PATH=/mine"};
  Ground ground;
  ground.root = "/r";
  ground.env = {"A=image", "B=image", "PATH=/image"};
  const auto env = parsed(config_for_root(request, ground)).process->env;
  const auto count = [&](std::string_view name) {
    return std::count_if(env.begin(), env.end(),
                         [&](const std::string& one) { return one.starts_with(name); });
  };
  EXPECT_EQ(count("A="), 1);
  EXPECT_EQ(count("PATH="), 1);
  EXPECT_EQ(env.front(), "PATH=/mine");
  EXPECT_NE(std::find(env.begin(), env.end(), "A=request"), env.end());
}

TEST(directory_config, passes_nothing_of_the_host_when_asked) {
  ::setenv("TZ", "UTC", 1);
  RunRequest request = plain();
  request.clean_env = true;
  EXPECT_EQ(parsed(config_for_directory(request)).process->env.size(), 1U);  // PATH
}

TEST(capabilities, are_taken_and_given) {
  EXPECT_EQ(chosen_capabilities({}, {}).size(), 11U);
  EXPECT_EQ(chosen_capabilities({}, {"CAP_KILL"}).size(), 10U);
  EXPECT_TRUE(chosen_capabilities({}, {"ALL"}).empty());
  EXPECT_EQ(chosen_capabilities({"CAP_KILL"}, {"ALL"}), std::vector<std::string>{"CAP_KILL"});
  EXPECT_EQ(chosen_capabilities({"CAP_SYS_ADMIN"}, {}).size(), 12U);
  EXPECT_EQ(chosen_capabilities({"ALL"}, {"CAP_SYS_ADMIN"}).size(), 40U);
}

TEST(directory_config, has_a_user_namespace_only_where_ids_are_mapped_anew) {
  EXPECT_FALSE(parsed(config_for_directory(plain())).find_namespace(oci::NamespaceType::User));
  Ground ground;
  ground.root = "/r";
  ground.uid_map = oci::IdMap{1000, 0, 1};
  ground.gid_map = oci::IdMap{1000, 0, 1};
  const oci::Spec spec = parsed(config_for_root(plain(), ground));
  EXPECT_TRUE(spec.find_namespace(oci::NamespaceType::User)->path.empty());
  EXPECT_EQ(spec.linux.uid_mappings, (std::vector<oci::IdMap>{{1000, 0, 1}}));
  ground.user_namespace = "/proc/self/fd/7";
  const oci::Spec joins = parsed(config_for_root(plain(), ground));
  EXPECT_EQ(joins.find_namespace(oci::NamespaceType::User)->path, "/proc/self/fd/7");
  EXPECT_EQ(joins.linux.uid_mappings, spec.linux.uid_mappings);
}

TEST(bundle_config, stays_as_written_where_nothing_is_asked) {
  RunRequest request;
  const oci::Spec spec = edited(request, kBundle);
  EXPECT_EQ(spec.process->args, std::vector<std::string>{"sh"});
  EXPECT_EQ(spec.process->env, std::vector<std::string>{"A=1"});
  EXPECT_EQ(spec.hostname, "theirs");
  EXPECT_EQ(spec.mounts.size(), 1U);
  EXPECT_EQ(spec.linux.namespaces.size(), 3U);
  EXPECT_EQ(*spec.annotation("k"), "v");
}

TEST(bundle_config, takes_command_environment_and_directory) {
  RunRequest request = plain();
  request.env = {"B=2"};
  request.workdir = "/tmp";
  request.hostname = "ours";
  request.terminal = true;
  const oci::Spec spec = edited(request, kBundle);
  EXPECT_EQ(spec.process->args, (std::vector<std::string>{"ls", "-l"}));
  EXPECT_EQ(spec.process->env, (std::vector<std::string>{"A=1", "B=2"}));
  EXPECT_EQ(spec.process->cwd, "/tmp");
  EXPECT_EQ(spec.hostname, "ours");
  EXPECT_TRUE(spec.process->terminal);
}

TEST(bundle_config, takes_volumes_behind_its_own_mounts) {
  RunRequest request;
  request.mounts = {bound("/a", "/b"), bound("/c", "/d")};
  const oci::Spec spec = edited(request, kBundle);
  ASSERT_EQ(spec.mounts.size(), 3U);
  EXPECT_EQ(spec.mounts[0].destination, "/proc");
  EXPECT_EQ(spec.mounts[1].source, "/a");
  EXPECT_EQ(spec.mounts[1].destination, "/b");
  EXPECT_EQ(spec.mounts[2].destination, "/d");
}

TEST(bundle_config, takes_volumes_where_it_has_no_mounts) {
  RunRequest request;
  request.mounts = {bound("/a", "/b")};
  const oci::Spec spec = edited(request, R"({"ociVersion": "1.0.2", "root": {"path": "r"},
    "process": {"cwd": "/", "args": ["sh"]}, "mounts": []})");
  ASSERT_EQ(spec.mounts.size(), 1U);
}

TEST(bundle_config, takes_the_host_network_and_keeps_other_namespaces) {
  RunRequest request;
  request.network = Network::Host;
  const oci::Spec spec = edited(request, kBundle);
  EXPECT_FALSE(spec.find_namespace(oci::NamespaceType::Network));
  EXPECT_TRUE(spec.find_namespace(oci::NamespaceType::Pid));
  EXPECT_EQ(spec.find_namespace(oci::NamespaceType::Ipc)->path, "/x");
}

TEST(bundle_config, becomes_read_only) {
  RunRequest request;
  request.readonly = true;
  const oci::Spec spec = edited(request, kBundle);
  EXPECT_TRUE(spec.root.readonly);
  EXPECT_EQ(spec.root.path, "rootfs");
}

TEST(bundle_config, without_a_process_is_refused) {
  const auto config = config_for_bundle(RunRequest{}, R"({"ociVersion": "1.0.2"})");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message(), "process is required");
}

}  // namespace
}  // namespace wolffia::cli::user
