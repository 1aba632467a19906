// SPDX-License-Identifier: Apache-2.0
#include "base/utc.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

TEST(utc, begins_in_1970) {
  EXPECT_EQ(utc_seconds(0), "1970-01-01T00:00:00");
}

TEST(utc, knows_leap_days) {
  EXPECT_EQ(utc_seconds(951782400), "2000-02-29T00:00:00");
  EXPECT_EQ(utc_seconds(4107542399), "2100-02-28T23:59:59");
  EXPECT_EQ(utc_seconds(4107542400), "2100-03-01T00:00:00");
}

TEST(utc, does_not_ask_for_a_time_zone) {
  ::setenv("TZ", "America/New_York", 1);
  EXPECT_EQ(utc_seconds(1785585600), "2026-08-01T12:00:00");
}

}  // namespace
}  // namespace wolffia
