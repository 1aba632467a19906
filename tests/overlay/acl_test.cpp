// SPDX-License-Identifier: Apache-2.0
#include "overlay/acl.hpp"

#include <gtest/gtest.h>

namespace wolffia::overlay {
namespace {

using namespace std::string_literals;

std::optional<uint32_t> next(uint32_t id) {
  return id < 100 ? std::optional(id + 1) : std::nullopt;
}
std::optional<uint32_t> same(uint32_t id) {
  return id;
}

const std::string kHeader("\2\0\0\0", 4);
const std::string kOwner("\1\0\6\0\377\377\377\377", 8);
const std::string kUser("\2\0\6\0\5\0\0\0", 8);
const std::string kGroup("\10\0\4\0\5\0\0\0", 8);

TEST(overlay_acl, users_and_groups_are_translated_each_by_their_own) {
  const auto translated = translate_acl(kHeader + kOwner + kUser + kGroup, next, same);
  EXPECT_EQ(translated, kHeader + kOwner + "\2\0\6\0\6\0\0\0"s + kGroup);
  EXPECT_EQ(translate_acl(kHeader + kGroup, same, next), kHeader + "\10\0\4\0\6\0\0\0"s);
}

TEST(overlay_acl, entries_without_an_id_stay) {
  EXPECT_EQ(translate_acl(kHeader + kOwner, next, next), kHeader + kOwner);
  EXPECT_EQ(translate_acl(kHeader, next, next), kHeader);
}

TEST(overlay_acl, an_id_without_a_name_is_refused) {
  EXPECT_EQ(translate_acl(kHeader + "\2\0\6\0\350\3\0\0"s, next, next), std::nullopt);
}

TEST(overlay_acl, what_is_no_list_is_refused) {
  for (const std::string& value : {""s, "\2\0\0"s, "\3\0\0\0"s, kHeader + "\2"s, kUser.substr(1)})
    EXPECT_EQ(translate_acl(value, same, same), std::nullopt) << value.size();
}

}  // namespace
}  // namespace wolffia::overlay
