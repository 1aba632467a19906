// SPDX-License-Identifier: Apache-2.0
#include "base/build_id.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace wolffia {
namespace {

TEST(build_id, is_in_the_program_and_stays) {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string program{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GE(build_id().size(), 7U);
  EXPECT_NE(program.find(build_id()), std::string::npos);
  EXPECT_EQ(build_id(), build_id());
}

}  // namespace
}  // namespace wolffia
