// SPDX-License-Identifier: Apache-2.0
#include "image/remote/retry.hpp"

#include <gtest/gtest.h>

namespace wolffia::image::remote {
namespace {

using std::chrono::milliseconds;
constexpr int64_t kNow = 1445412480;  // Wed, 21 Oct 2015 07:28:00 GMT

RetryRules quick() {
  RetryRules rules;
  rules.first_wait = rules.longest_wait = rules.longest_asked_wait = milliseconds(1);
  return rules;
}

Response answered(long status, std::string_view retry_after = {}) {
  Response answer{status, {}, {}, Url::parse("https://example.com/").value()};
  if (!retry_after.empty()) answer.headers.add("Retry-After", retry_after);
  return answer;
}

TEST(retry, after_is_seconds_or_a_date) {
  EXPECT_EQ(parse_retry_after("3", kNow), milliseconds(3000));
  EXPECT_EQ(parse_retry_after("0", kNow), milliseconds(0));
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:28:10 GMT", kNow), milliseconds(10'000));
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:27:00 GMT", kNow), milliseconds(0));
  EXPECT_EQ(parse_retry_after("", kNow), std::nullopt);
  EXPECT_EQ(parse_retry_after("soon", kNow), std::nullopt);
  EXPECT_EQ(parse_retry_after("-5", kNow), std::nullopt);
}

TEST(retry, waits_double_up_to_a_cap) {
  RetryRules rules;
  EXPECT_EQ(backoff(rules, 1, 0), milliseconds(200));
  EXPECT_EQ(backoff(rules, 2, 0), milliseconds(400));
  EXPECT_EQ(backoff(rules, 20, 0), milliseconds(10'000));
  EXPECT_EQ(backoff(rules, 1'000'000, 0), milliseconds(10'000));
}

TEST(retry, waits_differ_by_up_to_a_half) {
  for (uint64_t random = 0; random < 1000; ++random) {
    EXPECT_GE(backoff({}, 3, random), milliseconds(400));
    EXPECT_LE(backoff({}, 3, random), milliseconds(800));
  }
}

TEST(retry, only_passing_failures_are_tried_again) {
  const RetryRules rules = quick();
  for (const long status : {408, 429, 500, 502, 503, 504})
    EXPECT_TRUE(Retry(rules).again(answered(status))) << status;
  for (const long status : {200, 301, 400, 401, 403, 404, 416, 501, 505})
    EXPECT_FALSE(Retry(rules).again(answered(status))) << status;
}

TEST(retry, gives_up_after_so_many_tries) {
  const RetryRules rules = quick();
  Retry retry(rules);
  int again = 0;
  while (retry.again(answered(503)))
    ++again;
  EXPECT_EQ(again, rules.attempts - 1);
}

TEST(retry, progress_counts_anew) {
  const RetryRules rules = quick();
  Retry retry(rules);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(retry.again(Error::because(ECONNRESET, "cut")));
    retry.progressed();
  }
}

TEST(retry, a_name_nobody_has_is_told_soon) {
  const RetryRules rules = quick();
  Retry retry(rules);
  EXPECT_TRUE(retry.again(Error::because(EHOSTUNREACH, "")));
  EXPECT_TRUE(retry.again(Error::because(EHOSTUNREACH, "")));
  EXPECT_FALSE(retry.again(Error::because(EHOSTUNREACH, "")));
}

TEST(retry, a_bad_certificate_is_not_tried_again) {
  const RetryRules rules = quick();
  EXPECT_FALSE(Retry(rules).again(Error::because(EKEYREJECTED, "")));
}

TEST(retry, asked_to_wait_too_long_is_an_answer) {
  const RetryRules rules = quick();
  EXPECT_FALSE(Retry(rules).again(answered(429, "3600")));
}

}  // namespace
}  // namespace wolffia::image::remote
