// SPDX-License-Identifier: Apache-2.0
#include "net/dns.hpp"

#include <gtest/gtest.h>

#include "net/dns_messages.hpp"
#include "net/questions.hpp"

namespace wolffia::net {
namespace {

Frame address_record(const Frame& name, uint32_t seconds = 300, Ipv4 address = kSomewhere) {
  return dns_record(name, kTypeA, seconds, bytes_of(address));
}

TEST(dns_answer, has_the_addresses_of_the_name) {
  const Frame six(kSomewhere6.bytes.begin(), kSomewhere6.bytes.end());
  const auto answer =
      read_dns_answer(dns_answer("WWW.Example.ORG", {address_record(same_name()),
                                                     dns_record(same_name(), kTypeAaaa, 60, six)}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->name, "www.example.org");
  ASSERT_EQ(answer->found.size(), 2U);
  EXPECT_EQ(answer->found[0].address, Address(kSomewhere));
  EXPECT_EQ(answer->found[0].seconds, 300U);
  EXPECT_EQ(answer->found[1].address, Address(kSomewhere6));
  EXPECT_EQ(answer->found[1].seconds, 60U);
}

TEST(dns_answer, has_those_of_what_the_name_stands_for_as_long_as_it_does) {
  const auto answer = read_dns_answer(dns_answer(
      "a.example", {dns_record(same_name(), kTypeCname, 20, dns_name("b.example")),
                    dns_record(dns_name("b.example"), kTypeCname, 90, dns_name("c.example")),
                    address_record(dns_name("c.example"))}));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->found.size(), 1U);
  EXPECT_EQ(answer->found[0].seconds, 20U);
}

TEST(dns_answer, has_none_of_names_that_were_not_asked_for) {
  const auto answer = read_dns_answer(
      dns_answer("a.example", {address_record(dns_name("b.example")),
                               dns_record(dns_name("b.example"), kTypeCname, 9, same_name())}));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->found.empty());
}

TEST(dns_answer, is_no_question_no_error_and_not_of_several) {
  const std::vector<Frame> records{address_record(same_name())};
  EXPECT_TRUE(read_dns_answer(dns_answer("a.example", records)));
  EXPECT_FALSE(read_dns_answer(dns_answer("a.example", records, 0x0100)));
  EXPECT_FALSE(read_dns_answer(dns_answer("a.example", records, 0x8183)));
  Frame two = dns_answer("a.example", records);
  write16(two, 4, 2);
  EXPECT_FALSE(read_dns_answer(two));
}

TEST(dns_answer, ends_where_it_says_and_not_before) {
  const Frame whole = dns_answer("a.example", {address_record(same_name())});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_dns_answer(Bytes(whole).first(size))) << size;
}

TEST(dns_answer, has_names_without_circles_and_dots) {
  EXPECT_FALSE(read_dns_answer(dns_answer("a", {address_record({0xc0, 19})})));  // itself
  EXPECT_FALSE(read_dns_answer(dns_answer("a", {address_record({0xc1, 0})})));   // behind the end
  EXPECT_FALSE(read_dns_answer(dns_answer("a", {address_record({0x80, 0})})));
  Frame dotted = dns_answer("axb", {address_record(same_name())});
  dotted[14] = '.';
  EXPECT_FALSE(read_dns_answer(dotted));
  std::string longest;
  while (longest.size() < 300)
    longest += "label.";
  EXPECT_FALSE(read_dns_answer(dns_answer(longest, {})));
}

TEST(questions, are_answered_once_at_the_port_that_asked) {
  Questions questions;
  const Frame message = dns_answer("a.example", {});
  EXPECT_FALSE(questions.take(40000, message));
  questions.note(40000, message);
  EXPECT_FALSE(questions.take(40001, message));
  EXPECT_FALSE(questions.take(40000, {}));
  EXPECT_TRUE(questions.take(40000, message));
  EXPECT_FALSE(questions.take(40000, message));
}

}  // namespace
}  // namespace wolffia::net
