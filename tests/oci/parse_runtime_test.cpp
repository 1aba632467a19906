// SPDX-License-Identifier: Apache-2.0
#include "oci/parse_runtime.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

TEST(spec, of_every_tool_is_accepted) {
  size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(WOLFFIA_TEST_DATA "/spec/valid")) {
    const std::string name = file.path().filename();
    const auto spec = parse_spec(read_data(cat("valid/", name)));
    EXPECT_TRUE(spec) << name << ": " << spec.error().message();
    ++seen;
  }
  EXPECT_GE(seen, 7U);
}

TEST(spec, smallest_has_the_defaults) {
  const Spec spec = parsed(R"({"ociVersion":"1.0.0","root":{"path":"r"}})");
  EXPECT_EQ(spec.root.path, "r");
  EXPECT_FALSE(spec.root.readonly);
  EXPECT_FALSE(spec.process);
  EXPECT_TRUE(spec.mounts.empty());
  EXPECT_FALSE(spec.linux.seccomp);
  EXPECT_TRUE(spec.hostname.empty());
}

TEST(spec, takes_versions_with_suffixes) {
  for (const char* const version : {"1.0.0", "1.3.0", "1.0.2-dev", "1.2.1+dev", "1.0.0-rc.1+b.5"}) {
    const Spec spec = parsed(cat(R"({"ociVersion":")", version, R"(","root":{"path":"r"}})"));
    EXPECT_EQ(spec.oci_version, version);
  }
}

TEST(spec, null_members_are_absent) {
  const Spec spec = spec_with(
      R"("hostname": null, "process": null, "mounts": null, "hooks": null, "linux": null)");
  EXPECT_FALSE(spec.process);
  EXPECT_TRUE(spec.mounts.empty());
}

TEST(spec, every_top_level_field_is_read) {
  const Spec spec = parsed(read_data("valid/every-field.json"));
  EXPECT_EQ(spec.oci_version, "1.3.0");
  EXPECT_EQ(spec.hostname, "box");
  EXPECT_EQ(spec.domainname, "example.org");
  EXPECT_EQ(spec.root.path, "rootfs");
  EXPECT_TRUE(spec.root.readonly);
}

TEST(spec, finds_namespaces_by_type) {
  const Spec spec =
      spec_with(R"("linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}]})");
  ASSERT_NE(spec.find_namespace(NamespaceType::Network), nullptr);
  EXPECT_EQ(spec.find_namespace(NamespaceType::Network)->path, "/n");
  EXPECT_EQ(spec.find_namespace(NamespaceType::Pid)->path, "");
  EXPECT_EQ(spec.find_namespace(NamespaceType::User), nullptr);
}

TEST(spec, finds_annotations_by_key) {
  const Spec spec = spec_with(R"("annotations": {"a.b": "c", "empty": ""})");
  ASSERT_NE(spec.annotation("a.b"), nullptr);
  EXPECT_EQ(*spec.annotation("a.b"), "c");
  EXPECT_EQ(*spec.annotation("empty"), "");
  EXPECT_EQ(spec.annotation("a"), nullptr);
}

TEST(spec, of_podman_keeps_its_parts) {
  const Spec spec = parsed(read_data("valid/podman-run.json"));
  EXPECT_EQ(spec.mounts.size(), 10U);
  EXPECT_EQ(spec.linux.namespaces.size(), 5U);
  EXPECT_EQ(spec.process->args, (Strings{"/bin/busybox", "true"}));
  EXPECT_EQ(spec.process->user.umask, 022U);
  size_t names = 0;
  for (const SeccompRule& rule : spec.linux.seccomp->syscalls)
    names += rule.names.size();
  EXPECT_EQ(names, 437U);
  EXPECT_TRUE(spec.linux.resources.asked.empty());
}

TEST(spec, of_runc_rootless_maps_one_id) {
  const Spec spec = parsed(read_data("valid/runc-spec-rootless.json"));
  EXPECT_EQ(spec.linux.uid_mappings, (std::vector<IdMap>{{0, 0, 1}}));
  EXPECT_EQ(spec.find_namespace(NamespaceType::Network), nullptr);
}

TEST(spec, broken_json_names_line_and_column) {
  const auto spec = parse_spec("{\n  \"ociVersion\": \"1.0.0\"\n  \"root\": {}\n}\n");
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message(),
            "the text is not valid JSON: line 3, column 3: expected ',' or '}', found '\"'");
}

TEST(spec, empty_file_is_not_json) {
  EXPECT_EQ(parse_spec("").error().message(),
            "the text is not valid JSON: line 1, column 1: expected a value, found the end of "
            "the text");
}

TEST(process_file, is_a_process) {
  const auto process = parse_process(read_data("process.json"));
  ASSERT_TRUE(process) << process.error().message();
  EXPECT_EQ(process->args, Strings{"id"});
  EXPECT_EQ(process->user.uid, 5U);
  EXPECT_TRUE(process->no_new_privileges);
}

TEST(spec, filters_of_several_containers_have_one_text) {
  const auto text_for = [](std::string_view listener, std::string_view action) {
    return parse_spec(
               cat(R"({"ociVersion": "1.0.2", "root": {"path": "r"}, "linux": {"seccomp": {)",
                   listener, R"("defaultAction": ")", action, "\"}}}"))
        ->linux.seccomp->source;
  };
  const auto first = R"("listenerMetadata": "one", "listenerPath": "/a", )";
  const auto second = R"("listenerMetadata": "other", "listenerPath": "/b/c", )";
  EXPECT_EQ(text_for(first, "SCMP_ACT_ALLOW"), text_for(second, "SCMP_ACT_ALLOW"));
  EXPECT_NE(text_for(first, "SCMP_ACT_ALLOW"), text_for(first, "SCMP_ACT_LOG"));
  EXPECT_NE(text_for(first, "SCMP_ACT_ALLOW"), text_for("", "SCMP_ACT_ALLOW"));
  EXPECT_EQ(text_for(R"("listenerPath": "/a", )", "SCMP_ACT_ALLOW"),
            R"({"listenerPath": null, "defaultAction": "SCMP_ACT_ALLOW"})");
  EXPECT_EQ(text_for("", "SCMP_ACT_ALLOW"), R"({"defaultAction": "SCMP_ACT_ALLOW"})");
}

TEST(process_file, errors_name_fields_below_process) {
  EXPECT_EQ(parse_process("{}").error().message(), "process.args must name a program");
  EXPECT_EQ(parse_process("[]").error().message(), "process must be an object");
  EXPECT_EQ(parse_process(R"({"args": ["a"], "cwd": "/", "user": {"uid": -1}})").error().message(),
            "process.user.uid must be an integer from 0 to 4294967294");
  EXPECT_EQ(parse_process(R"({"cwd": "/", "cwd": "/"})").error().message(),
            "process.cwd appears twice");
}

TEST(process_file, broken_json_is_told_of_the_process_file) {
  EXPECT_EQ(parse_process("{").error().message(),
            "the process file is not valid JSON: line 1, column 2: expected a key or '}', found "
            "the end of the text");
}

}  // namespace
}  // namespace wolffia::oci
