// SPDX-License-Identifier: Apache-2.0
#include "oci/image_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

Result<ImageConfig> parsed(std::string_view members) {
  return parse_image_config(cat("{", members, "}"), "c");
}

constexpr std::string_view kRootfs = R"("rootfs": {"type": "layers", "diff_ids": []})";

/// A config with these members in its section "config".
Result<ImageConfig> with(std::string_view members) {
  return parsed(cat(kRootfs, R"(, "config": {)", members, "}"));
}

TEST(parse_image_config, reads_every_member) {
  const auto config = parsed(cat(
      R"("os": "linux", "architecture": "arm", "variant": "v7", "os.version": "1", "created": "now",
         "author": "ana", "rootfs": {"type": "layers", "diff_ids": [")",
      digest_text('a'), R"("]}, "history": [{"created": "t", "created_by": "b", "comment": "c",
         "empty_layer": true}, {}], "config": {"User": "u:g", "Env": ["A=b"], "Entrypoint": ["e"],
         "Cmd": ["c", ""], "WorkingDir": "/w", "ExposedPorts": {"80/tcp": {}, "1/udp": null},
         "Volumes": {"/v": {}}, "Labels": {"l": "m"}, "StopSignal": "SIGINT"})"));
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(platform_text(config->platform), "linux/arm/v7");
  EXPECT_EQ(config->platform.os_version, "1");
  EXPECT_EQ(config->created, "now");
  EXPECT_EQ(config->author, "ana");
  EXPECT_EQ(config->diff_ids.at(0).text(), digest_text('a'));
  ASSERT_EQ(config->history.size(), 2U);
  EXPECT_TRUE(config->history[0].empty_layer && config->history[0].created_by == "b");
  EXPECT_FALSE(config->history[1].empty_layer);
  EXPECT_EQ(config->user, "u:g");
  EXPECT_EQ(config->env, Strings{"A=b"});
  EXPECT_EQ(config->entrypoint, Strings{"e"});
  EXPECT_EQ(config->cmd, (Strings{"c", ""}));
  EXPECT_EQ(config->working_dir, "/w");
  EXPECT_EQ(config->exposed_ports, (Strings{"80/tcp", "1/udp"}));
  EXPECT_EQ(config->volumes, Strings{"/v"});
  EXPECT_EQ(config->labels, (Annotations{{"l", "m"}}));
  EXPECT_EQ(config->stop_signal, "SIGINT");
}

TEST(parse_image_config, null_members_are_as_absent_ones) {
  const auto config = with(R"("Env": null, "Cmd": null, "Entrypoint": null, "Labels": null,
                              "Volumes": null, "ExposedPorts": null, "User": null)");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_TRUE(config->env.empty() && config->volumes.empty());
  EXPECT_TRUE(parsed(cat(kRootfs, R"(, "config": null, "history": null)")));
}

TEST(parse_image_config, rootfs_type_is_layers) {
  EXPECT_EQ(failure_of(parsed("")), "c: rootfs is required");
  EXPECT_EQ(failure_of(parsed(R"("rootfs": {"diff_ids": []})")), "c: rootfs.type is required");
  EXPECT_EQ(failure_of(parsed(R"("rootfs": {"type": "layers+base", "diff_ids": []})")),
            "c: rootfs.type must be \"layers\"");
}

TEST(parse_image_config, diff_ids_are_digests) {
  EXPECT_EQ(failure_of(parsed(R"("rootfs": {"type": "layers", "diff_ids": ["../x"]})")),
            R"(c: rootfs.diff_ids[0]: "../x" must be a digest, sha256:… or sha512:…)");
}

TEST(parse_image_config, env_entries_that_set_no_variable_are_dropped) {
  EXPECT_EQ(with(R"("Env": ["A=b", "PATH", "=x", "", "B=\u0000", "\u0000=c", "C=", "D=a=b"])")->env,
            (Strings{"A=b", "C=", "D=a=b"}));
  EXPECT_EQ(failure_of(with(R"("Env": [5])")), "c: config.Env[0] must be a string");
}

TEST(parse_image_config, volumes_are_absolute) {
  EXPECT_EQ(with(R"("Volumes": {"a": {}, "/b": {}, "": {}, "../c": {}})")->volumes, Strings{"/b"});
}

TEST(parse_image_config, nothing_holds_a_nul) {
  for (const std::string_view member :
       {R"("User": "a\u0000")", R"("Cmd": ["\u0000"])", R"("Entrypoint": ["a\u0000b"])",
        R"("WorkingDir": "/\u0000")", R"("Volumes": {"/\u0000": {}})",
        R"("Labels": {"\u0000": ""})"})
    EXPECT_FALSE(with(member)) << member;
}

TEST(parse_image_config, unknown_members_are_no_error) {
  EXPECT_TRUE(with(R"("Healthcheck": {"Test": []}, "Hooks": {"prestart": []})"));
  EXPECT_TRUE(parsed(cat(kRootfs, R"(, "moby.buildkit.cache": 5, "container_config": {})")));
}

TEST(parse_image_config, a_wrong_type_names_its_member) {
  EXPECT_EQ(failure_of(with(R"("Cmd": "sh")")), "c: config.Cmd must be an array of strings");
  EXPECT_EQ(failure_of(parse_image_config("[]", "c")), "c must be an object");
}

}  // namespace
}  // namespace wolffia::oci
