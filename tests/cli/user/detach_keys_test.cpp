// SPDX-License-Identifier: Apache-2.0
#include "cli/user/detach_keys.hpp"

#include <gtest/gtest.h>

namespace wolffia::cli::user {
namespace {

DetachKeys keys(std::string_view text) {
  auto parsed = DetachKeys::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : DetachKeys();
}

TEST(detach_keys, are_kept_back_until_it_is_clear_whether_all_come) {
  DetachKeys both = keys("ctrl-p,ctrl-q");
  EXPECT_EQ(both.feed("a\x10").pass, "a");
  EXPECT_EQ(both.feed("b").pass,
            "\x10"
            "b");
  EXPECT_EQ(both.feed("\x10\x10").pass, "\x10");
  const DetachKeys::Found found = both.feed("\x11rest");
  EXPECT_TRUE(found.detached);
  EXPECT_EQ(found.pass, "");
}

TEST(detach_keys, are_found_behind_a_beginning_of_their_own) {
  DetachKeys repeated = keys("a,a,b");
  const DetachKeys::Found found = repeated.feed("aaab");
  EXPECT_TRUE(found.detached);
  EXPECT_EQ(found.pass, "a");
}

TEST(detach_keys, may_be_none) {
  DetachKeys none = keys("");
  EXPECT_EQ(none.feed("\x10\x11").pass, "\x10\x11");
}

TEST(detach_keys, are_characters_and_control_characters) {
  EXPECT_EQ(keys("ctrl-[,x").feed("\x1bx").detached, true);
  EXPECT_EQ(keys("ctrl-A").feed("\x01").detached, true);
  for (const char* bad : {"ctrl-", "ctrl-1", "ab", "a,,b", "^p"})
    EXPECT_FALSE(DetachKeys::parse(bad)) << bad;
}

}  // namespace
}  // namespace wolffia::cli::user
