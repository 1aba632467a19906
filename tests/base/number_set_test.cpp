// SPDX-License-Identifier: Apache-2.0
#include "base/number_set.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

TEST(number_set, is_a_list_of_numbers_and_ranges) {
  EXPECT_EQ(read_number_set("0-3,7"), NumberSet{0x8f});
  EXPECT_EQ(read_number_set(" 1 , 3 - 4 "), NumberSet{0x1a});
  EXPECT_EQ(read_number_set("64"), (NumberSet{0, 1}));
  EXPECT_EQ(read_number_set("0-127"), (NumberSet{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ(read_number_set("8191")->size(), 128U);
}

TEST(number_set, may_be_empty) {
  EXPECT_EQ(read_number_set(""), NumberSet());
  EXPECT_EQ(read_number_set(" "), NumberSet());
}

TEST(number_set, is_nothing_else) {
  for (const char* text :
       {"a", "1,", ",1", "1,,2", "3-1", "-1", "1-", "1-2-3", "0x1", "8192", "99999999999999999999"})
    EXPECT_FALSE(read_number_set(text)) << text;
}

TEST(number_set, is_written_with_the_longest_ranges) {
  for (const char* text : {"", "0", "0-3,7", "63-64", "1,3,5", "0-127"})
    EXPECT_EQ(list_of(read_number_set(text).value()), text);
  EXPECT_EQ(list_of(read_number_set("2,1,0,1").value()), "0-2");
}

}  // namespace
}  // namespace wolffia
