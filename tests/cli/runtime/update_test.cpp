// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/parsing.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "oci/parse_runtime.hpp"

namespace wolffia::cli::runtime {
namespace {

/// The limits of one option as JSON, or why there are none.
std::string limits(const char* option, const char* value) {
  const auto text = limits_of_update(parsed(kProgram, {"update", option, value, "box"}));
  if (!text) return text.error().message();
  const auto read = oci::parse_resources(std::string(*text));
  return read ? *text : read.error().message();
}

struct Row {
  const char* option;
  const char* value;
  const char* json;
};

constexpr Row kRows[] = {
    {"--memory", "64m", R"({"memory":{"limit":67108864}})"},
    {"--memory", "-1", R"({"memory":{"limit":-1}})"},
    {"--memory-reservation", "1k", R"({"memory":{"reservation":1024}})"},
    {"--memory-swap", "1g", R"({"memory":{"swap":1073741824}})"},
    {"--memory-swap", "-1", R"({"memory":{"swap":-1}})"},
    {"--cpu-share", "512", R"({"cpu":{"shares":512}})"},
    {"--cpu-quota", "50000", R"({"cpu":{"quota":50000}})"},
    {"--cpu-quota", "-1", R"({"cpu":{"quota":-1}})"},
    {"--cpu-burst", "100", R"({"cpu":{"burst":100}})"},
    {"--cpu-period", "100000", R"({"cpu":{"period":100000}})"},
    {"--cpu-idle", "1", R"({"cpu":{"idle":1}})"},
    {"--cpuset-cpus", "0-3,7", R"({"cpu":{"cpus":"0-3,7"}})"},
    {"--cpuset-mems", "0", R"({"cpu":{"mems":"0"}})"},
    {"--blkio-weight", "500", R"({"blockIO":{"weight":500}})"},
    {"--pids-limit", "0", R"({"pids":{"limit":0}})"},
    {"--pids-limit", "-1", R"({"pids":{"limit":-1}})"},
};

class UpdateOption : public testing::TestWithParam<Row> {};

TEST_P(UpdateOption, is_a_field_of_the_resources) {
  EXPECT_EQ(limits(GetParam().option, GetParam().value), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(update, UpdateOption, testing::ValuesIn(kRows));

TEST(update, every_option_has_a_row_above_or_says_why_it_is_missing) {
  for (const Option* option : kUpdateOptions) {
    if (option == &kHelp || option == &kResources || !option->missing.empty()) continue;
    const std::string name = cat("--", option->name);
    EXPECT_TRUE(std::ranges::any_of(kRows, [&](const Row& row) { return name == row.option; }))
        << name;
  }
}

TEST(update, options_of_several_sections_are_one_object) {
  const auto text = limits_of_update(parsed(
      kProgram, {"update", "--pids-limit", "9", "--memory", "1m", "--cpu-quota", "5", "box"}));
  EXPECT_EQ(*text, R"({"memory":{"limit":1048576},"cpu":{"quota":5},"pids":{"limit":9}})");
  EXPECT_EQ(*limits_of_update(parsed(kProgram, {"update", "box"})), "{}");
}

TEST(update, wrong_values_name_their_option_or_field) {
  EXPECT_EQ(limits("--memory", "1x"), "--memory \"1x\" must be a size, as 512m or 2g");
  EXPECT_EQ(limits("--cpu-quota", "x"),
            "--cpu-quota \"x\" must be a number from 0 to 9223372036854775807");
  EXPECT_EQ(limits("--cpu-share", "-1"),
            "linux.resources.cpu.shares must be an integer from 0 to 18446744073709551615");
  EXPECT_EQ(refused(kProgram, {"update", "--cpu-idle", "2", "box"}),
            "--cpu-idle takes 0 or 1, not \"2\"");
}

}  // namespace
}  // namespace wolffia::cli::runtime
