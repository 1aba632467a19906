// SPDX-License-Identifier: Apache-2.0
#include "launch/protocol.hpp"

#include <gtest/gtest.h>

#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

struct Ends {
  Channel starter, init;
};

Ends make_ends() {
  auto pair = sys::packet_pair();
  EXPECT_TRUE(pair);
  return Ends{Channel(std::move(pair->first)), Channel(std::move(pair->second))};
}

TEST(protocol, carries_a_word_and_its_value) {
  Ends ends = make_ends();
  ASSERT_TRUE(ends.init.say(Word::Born, 4711));
  const auto heard = ends.starter.expect(Word::Born);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->value, 4711);
  EXPECT_FALSE(heard->attached);
}

TEST(protocol, carries_a_descriptor) {
  Ends ends = make_ends();
  const auto pipe = sys::make_pipe(0);
  ASSERT_TRUE(pipe);
  ASSERT_TRUE(ends.init.say(Word::Console, 0, &pipe->second));
  const auto heard = ends.starter.hear();
  ASSERT_TRUE(heard);
  ASSERT_TRUE(sys::write_all(heard->attached, "x"));
  char byte = 0;
  EXPECT_EQ(::read(pipe->first.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(protocol, carries_why_it_failed) {
  Ends ends = make_ends();
  ends.init.fail(Error::because(ENOENT, "exec: \"x\": no such file"), kStatusNotFound);
  const auto heard = ends.starter.hear();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->word, Word::Failure);
  EXPECT_EQ(heard->value, ENOENT);
  EXPECT_EQ(heard->status, kStatusNotFound);
  EXPECT_EQ(heard->text, "exec: \"x\": no such file");
}

TEST(protocol, cuts_a_text_longer_than_a_packet) {
  Ends ends = make_ends();
  ends.init.fail(Error::because(EINVAL, std::string(size_t{70} * 1024, 'a')), kStatusOther);
  const auto heard = ends.starter.hear();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, std::string(heard->text.size(), 'a'));
  EXPECT_GE(heard->text.size(), 1000U);
}

TEST(protocol, reads_the_end_when_the_other_side_is_gone) {
  Ends ends = make_ends();
  ends.init.replace({});
  const auto heard = ends.starter.hear();
  ASSERT_FALSE(heard);
  EXPECT_TRUE(heard.error().is(EPIPE));
}

TEST(protocol, reads_the_end_when_the_other_side_left_a_word_unread) {
  Ends ends = make_ends();
  ASSERT_TRUE(ends.starter.say(Word::MapsDone));
  ends.init.replace({});
  const auto heard = ends.starter.hear();
  ASSERT_FALSE(heard);
  EXPECT_TRUE(heard.error().is(EPIPE));
}

TEST(protocol, does_not_die_of_saying_something_to_nobody) {
  Ends ends = make_ends();
  ends.init.replace({});
  EXPECT_FALSE(ends.starter.say(Word::Release));
}

TEST(protocol, refuses_another_word_than_expected) {
  Ends ends = make_ends();
  ASSERT_TRUE(ends.init.say(Word::Ready));
  const auto heard = ends.starter.expect(Word::Mounted);
  ASSERT_FALSE(heard);
  EXPECT_TRUE(heard.error().is(EPROTO));
}

TEST(protocol, refuses_a_packet_that_is_too_short) {
  auto pair = sys::packet_pair();
  ASSERT_TRUE(pair);
  const std::byte one{};
  ASSERT_TRUE(sys::send_packet(pair->first, std::span(&one, 1)));
  const auto heard = Channel(std::move(pair->second)).hear();
  ASSERT_FALSE(heard);
  EXPECT_TRUE(heard.error().is(EPROTO));
}

}  // namespace
}  // namespace wolffia::launch
