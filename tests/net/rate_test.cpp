// SPDX-License-Identifier: Apache-2.0
#include "net/rate.hpp"

#include <gtest/gtest.h>

namespace wolffia::net {
namespace {

using Time = Rate::Time;

TEST(rate, without_a_limit_is_never_closed) {
  Rate rate;
  rate.take(1'000'000'000);
  EXPECT_FALSE(rate.closed_until(Time(0)));
}

TEST(rate, is_closed_until_what_was_taken_is_paid) {
  Rate rate(10'000);
  EXPECT_FALSE(rate.closed_until(Time(5'000)));  // a burst of 1,000 bytes is there
  rate.take(3'000);
  EXPECT_EQ(rate.closed_until(Time(5'000)), Time(5'200));
  EXPECT_EQ(rate.closed_until(Time(5'100)), Time(5'200));
  EXPECT_FALSE(rate.closed_until(Time(5'200)));
}

TEST(rate, saves_up_a_tenth_of_a_second) {
  Rate rate(10'000);
  EXPECT_FALSE(rate.closed_until(Time(1'000'000)));
  rate.take(1'000);
  EXPECT_FALSE(rate.closed_until(Time(1'000'000)));
  rate.take(1);
  EXPECT_EQ(rate.closed_until(Time(1'000'000)), Time(1'000'001));
}

TEST(rate, over_a_long_time_is_what_was_asked_for) {
  Rate rate(1'000'000);
  uint64_t sent = 0;
  Time now(1'000);
  while (now < Time(11'000)) {
    if (const auto until = rate.closed_until(now)) {
      now = *until;
      continue;
    }
    rate.take(1'500);
    sent += 1'500;
  }
  EXPECT_NEAR(static_cast<double>(sent), 10'000'000, 200'000);
}

TEST(rate, of_the_largest_number_does_not_overflow) {
  Rate rate(uint64_t{1} << 40);
  EXPECT_FALSE(rate.closed_until(Time(3'600'000)));
  rate.take(65'535);
  EXPECT_FALSE(rate.closed_until(Time(7'200'000)));
}

}  // namespace
}  // namespace wolffia::net
