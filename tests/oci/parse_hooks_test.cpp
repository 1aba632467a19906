// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

TEST(hooks, every_list_is_read_into_its_own) {
  const Hooks hooks = parsed(read_data("valid/every-field.json")).hooks;
  ASSERT_EQ(hooks.prestart.size(), 1U);
  EXPECT_EQ(hooks.prestart[0].path, "/bin/prestart");
  ASSERT_EQ(hooks.create_runtime.size(), 2U);
  EXPECT_EQ(hooks.create_runtime[1].path, "/bin/second");
  EXPECT_EQ(hooks.create_container.at(0).path, "/bin/create-container");
  EXPECT_EQ(hooks.start_container.at(0).path, "/bin/start-container");
  EXPECT_EQ(hooks.poststart.at(0).path, "/bin/poststart");
  EXPECT_EQ(hooks.poststop.at(0).path, "/bin/poststop");
}

TEST(hooks, carry_arguments_environment_and_timeout) {
  const Hook hook = parsed(read_data("valid/every-field.json")).hooks.create_runtime.at(0);
  EXPECT_EQ(hook.args, (std::vector<std::string>{"hook", "one"}));
  EXPECT_EQ(hook.env, std::vector<std::string>{"A=1"});
  EXPECT_EQ(hook.timeout, 30U);
}

TEST(hooks, need_only_a_path) {
  const Hook hook = spec_with(R"("hooks": {"poststop": [{"path": "/a"}]})").hooks.poststop.at(0);
  EXPECT_TRUE(hook.args.empty());
  EXPECT_TRUE(hook.env.empty());
  EXPECT_FALSE(hook.timeout);
}

}  // namespace
}  // namespace wolffia::oci
