// SPDX-License-Identifier: Apache-2.0
#include "cli/user/user_tables.hpp"

#include <gtest/gtest.h>

namespace wolffia::cli::user {
namespace {

constexpr std::string_view kPasswd = "root:x:0:0:root:/root:/bin/sh\nana:x:7:7::/ana:/bin/sh\n";

oci::User user_of(uint32_t uid, uint32_t gid) {
  oci::User user;
  user.uid = uid;
  user.gid = gid;
  return user;
}

TEST(user_tables, get_who_is_missing) {
  EXPECT_EQ(passwd_with(kPasswd, user_of(1000, 100), "eva", "/home/eva"),
            std::string(kPasswd) + "eva:x:1000:100::/home/eva:/bin/sh\n");
  EXPECT_EQ(group_with("root:x:0:\n", user_of(1000, 100), "eva"), "root:x:0:\neva:x:100:\n");
}

TEST(user_tables, stay_as_they_are_where_they_know_the_id) {
  EXPECT_EQ(passwd_with(kPasswd, user_of(7, 1), "eva", "/"), "");
  EXPECT_EQ(group_with("root:x:0:\n", user_of(5, 0), "eva"), "");
}

TEST(user_tables, name_nobody_twice) {
  EXPECT_EQ(passwd_with(kPasswd, user_of(9, 9), "ana", "/"),
            std::string(kPasswd) + "9:x:9:9::/:/bin/sh\n");
  EXPECT_EQ(passwd_with(kPasswd, user_of(9, 9), "", "/"),
            std::string(kPasswd) + "9:x:9:9::/:/bin/sh\n");
}

TEST(user_tables, that_are_missing_stay_so) {
  EXPECT_EQ(passwd_with("", user_of(9, 9), "eva", "/"), "");
}

TEST(user_tables, may_end_without_a_line_feed) {
  EXPECT_EQ(group_with("root:x:0:", user_of(9, 9), "eva"), "root:x:0:\neva:x:9:\n");
}

}  // namespace
}  // namespace wolffia::cli::user
