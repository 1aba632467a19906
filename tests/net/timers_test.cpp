// SPDX-License-Identifier: Apache-2.0
#include "net/timers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wolffia::net {
namespace {

using Time = Timers::Time;

TEST(timers, run_in_the_order_they_are_due) {
  Timers timers;
  std::string ran;
  const auto b = timers.add([&] { ran += 'b'; });
  const auto a = timers.add([&] { ran += 'a'; });
  timers.set(b, Time(20));
  timers.set(a, Time(10));
  EXPECT_EQ(timers.next(), Time(10));
  timers.run(Time(9));
  EXPECT_EQ(ran, "");
  timers.run(Time(20));
  EXPECT_EQ(ran, "ab");
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(timers, are_set_anew_and_stopped) {
  Timers timers;
  int runs = 0;
  const auto id = timers.add([&] { ++runs; });
  timers.set(id, Time(10));
  timers.set(id, Time(30));
  timers.run(Time(29));
  EXPECT_EQ(runs, 0);
  timers.stop(id);
  timers.run(Time(30));
  EXPECT_EQ(runs, 0);
  timers.set(id, Time(40));
  timers.remove(id);
  timers.set(id, Time(40));
  timers.run(Time(50));
  EXPECT_EQ(runs, 0);
}

TEST(timers, that_set_themselves_wait_for_the_next_round) {
  Timers timers;
  int runs = 0;
  Timers::Id id = 0;
  id = timers.add([&] {
    ++runs;
    timers.set(id, Time(10));
  });
  timers.set(id, Time(10));
  timers.run(Time(10));
  EXPECT_EQ(runs, 1);
  timers.run(Time(10));
  EXPECT_EQ(runs, 2);
}

TEST(timers, may_remove_each_other) {
  Timers timers;
  Timers::Id second = 0;
  const auto first = timers.add([&] { timers.remove(second); });
  second = timers.add([] { FAIL() << "it was removed"; });
  timers.set(first, Time(1));
  timers.set(second, Time(1));
  timers.run(Time(1));
}

}  // namespace
}  // namespace wolffia::net
