// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/runtime/commands.hpp"
#include "json/field.hpp"
#include "oci/parse_runtime.hpp"

namespace wolffia::cli::runtime {
namespace {

/// The strings of the array that `keys` lead to in what features prints.
std::vector<std::string> listed(const std::vector<std::string_view>& keys) {
  const auto document = json::Document::parse(features_json(), "features").value();
  auto field = document.root();
  for (const std::string_view key : keys)
    field = field.as<json::Object>().value().get<json::Field>(key).value();
  return field.as<std::vector<std::string>>().value();
}

/// Whether config.json may hold `section`; else why not.
std::string parsed(const std::string& section) {
  const auto spec =
      oci::parse_spec(R"({"ociVersion":"1.0.0","root":{"path":"r"},)" + section + "}");
  return spec ? "" : spec.error().message();
}

TEST(features, lists_hooks_that_are_parsed) {
  EXPECT_EQ(listed({"hooks"}).size(), 6U);
  for (const std::string& name : listed({"hooks"})) {
    const auto spec = oci::parse_spec(R"({"ociVersion":"1.0.0","root":{"path":"r"},"hooks":{")" +
                                      name + R"(":[{"path":"relative"}]}})");
    EXPECT_FALSE(spec) << name << " is not looked at";
  }
}

TEST(features, lists_namespaces_that_are_parsed) {
  EXPECT_EQ(listed({"linux", "namespaces"}).size(), 8U);
  for (const std::string& type : listed({"linux", "namespaces"}))
    EXPECT_EQ(parsed(R"("linux":{"namespaces":[{"type":")" + type + R"("}]})"), "") << type;
}

TEST(features, lists_seccomp_words_that_are_parsed) {
  for (const std::string& action : listed({"linux", "seccomp", "actions"}))
    EXPECT_EQ(parsed(R"("linux":{"seccomp":{"defaultAction":")" + action + R"("}})"), "") << action;
  for (const std::string& arch : listed({"linux", "seccomp", "archs"}))
    EXPECT_EQ(parsed(R"("linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","architectures":[")" +
                     arch + R"("]}})"),
              "")
        << arch;
}

TEST(features, lists_recursive_read_only_for_kubernetes) {
  const std::vector<std::string> options = listed({"mountOptions"});
  EXPECT_NE(std::find(options.begin(), options.end(), "rro"), options.end());
}

TEST(features, does_not_list_what_is_the_file_systems) {
  const std::vector<std::string> options = listed({"mountOptions"});
  for (const char* option : {"size", "mode", "no-such-option"})
    EXPECT_EQ(std::find(options.begin(), options.end(), option), options.end()) << option;
}

}  // namespace
}  // namespace wolffia::cli::runtime
