// SPDX-License-Identifier: Apache-2.0
#include "net/poll_set.hpp"

#include <gtest/gtest.h>

#include "sys/file.hpp"

namespace wolffia::net {
namespace {

constexpr Timers::Time kNow{0};

class poll_set : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pipe = sys::make_pipe(0);
    ASSERT_TRUE(pipe && set_);
    reading_ = std::move(pipe->first);
    writing_ = std::move(pipe->second);
  }
  uint32_t round(uint32_t events) {
    set_->begin();
    if (events != 0) set_->want(reading_.get(), events);
    EXPECT_TRUE(set_->wait(kNow));
    return set_->happened(reading_.get());
  }
  void give_number_to_another() {
    const int number = reading_.get();
    reading_.reset();
    auto pipe = sys::make_pipe(0);
    ASSERT_TRUE(pipe);
    ASSERT_EQ(pipe->first.get(), number);
    reading_ = std::move(pipe->first);
    writing_ = std::move(pipe->second);
  }
  Result<PollSet> set_ = PollSet::make();
  sys::Fd reading_;
  sys::Fd writing_;
};

TEST_F(poll_set, tells_what_happened_to_what_is_wanted) {
  EXPECT_EQ(round(EPOLLIN), 0U);
  ASSERT_TRUE(sys::write_all(writing_, "x"));
  EXPECT_EQ(round(EPOLLIN), uint32_t{EPOLLIN});
  EXPECT_EQ(round(0), 0U);
  EXPECT_EQ(round(EPOLLIN), uint32_t{EPOLLIN});
}

TEST_F(poll_set, tells_the_kernel_of_changes_alone) {
  for (int i = 0; i < 10; ++i)
    (void)round(EPOLLIN);
  EXPECT_EQ(set_->changes(), 1U);
  (void)round(0);
  (void)round(0);
  EXPECT_EQ(set_->changes(), 2U);
}

TEST_F(poll_set, hears_nothing_of_what_nobody_wants_not_even_errors) {
  (void)round(EPOLLIN);
  writing_.reset();
  EXPECT_EQ(round(0), 0U);
  EXPECT_EQ(round(EPOLLIN), uint32_t{EPOLLHUP});
}

TEST_F(poll_set, knows_a_new_file_under_an_old_number) {
  (void)round(EPOLLIN);
  set_->forget(reading_.get());
  give_number_to_another();
  ASSERT_TRUE(sys::write_all(writing_, "x"));
  EXPECT_EQ(round(EPOLLIN), uint32_t{EPOLLIN});
}

TEST_F(poll_set, tells_once_of_what_is_watched_in_all_rounds) {
  ASSERT_TRUE(set_->watch(reading_.get(), EPOLLIN | EPOLLET, false));
  ASSERT_TRUE(sys::write_all(writing_, "x"));
  EXPECT_EQ(round(0), 0U);
  ASSERT_EQ(set_->events().size(), 1U);
  EXPECT_EQ(set_->events()[0].data.fd, reading_.get());
  EXPECT_EQ(set_->events()[0].events, uint32_t{EPOLLIN});
  (void)round(0);
  EXPECT_TRUE(set_->events().empty());
}

TEST_F(poll_set, goes_on_with_a_file_whose_number_another_had_that_was_wanted) {
  (void)round(EPOLLIN);
  give_number_to_another();
  ASSERT_TRUE(set_->watch(reading_.get(), EPOLLIN | EPOLLET, false));
  ASSERT_TRUE(sys::write_all(writing_, "x"));
  set_->begin();
  EXPECT_TRUE(set_->wait(kNow));
  ASSERT_EQ(set_->events().size(), 1U);
  EXPECT_EQ(set_->events()[0].events, uint32_t{EPOLLIN});
}

TEST_F(poll_set, tells_a_file_nothing_of_one_that_had_its_number) {
  ASSERT_TRUE(set_->watch(reading_.get(), EPOLLIN | EPOLLET, false));
  ASSERT_TRUE(sys::write_all(writing_, "x"));
  (void)round(0);
  give_number_to_another();
  ASSERT_TRUE(set_->watch(reading_.get(), EPOLLIN | EPOLLET, false));
  ASSERT_EQ(set_->events().size(), 1U);
  EXPECT_EQ(set_->events()[0].events, 0U);
}

}  // namespace
}  // namespace wolffia::net
