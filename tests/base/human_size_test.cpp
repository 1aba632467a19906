// SPDX-License-Identifier: Apache-2.0
#include "base/human_size.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

TEST(human_size, has_one_digit_behind_the_point) {
  EXPECT_EQ(human_size(0), "0 bytes");
  EXPECT_EQ(human_size(1023), "1023 bytes");
  EXPECT_EQ(human_size(1024), "1.0 KiB");
  EXPECT_EQ(human_size(1536 << 10), "1.5 MiB");
  EXPECT_EQ(human_size((uint64_t{1} << 40) - 1), "1023.9 GiB");
  EXPECT_EQ(human_size(UINT64_MAX), "15.9 EiB");
}

}  // namespace
}  // namespace wolffia
