// SPDX-License-Identifier: Apache-2.0
#include "image/remote/download.hpp"

#include <gtest/gtest.h>

#include "image/remote/pages.hpp"
#include "image/remote/upload.hpp"

namespace wolffia::image::remote {
namespace {

RetryRules quick() {
  RetryRules rules;
  rules.first_wait = rules.longest_wait = std::chrono::milliseconds(1);
  return rules;
}

Response answer(long status) {
  return {status, {}, {}, Url::parse("https://example.com/").value()};
}

Result<void> give(const Receive& receive, const Response& head, std::string_view bytes) {
  return receive(head, std::as_bytes(std::span(bytes)));
}

TEST(download, offset_is_where_it_begins) {
  std::string asked;
  std::string got;
  const auto done = download(
      {"blob", 10, 4}, quick(),
      [&](const std::string& range, const Receive& receive) -> Result<Response> {
        asked = range;
        Response head = answer(206);
        head.headers.add("Content-Range", "bytes 4-9/10");
        TRY(give(receive, head, "456789"));
        return head;
      },
      [&](std::span<const std::byte> bytes) -> Result<void> {
        got.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
      });
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_EQ(asked, "Range: bytes=4-");
  EXPECT_EQ(got, "456789");
}

TEST(download, a_failing_sink_is_not_tried_again) {
  int asked = 0;
  const auto done = download(
      {"blob", 10, 0}, quick(),
      [&](const std::string&, const Receive& receive) -> Result<Response> {
        ++asked;
        const Response head = answer(200);
        TRY(give(receive, head, "0123456789"));
        return head;
      },
      // The code of a dropped connection: it is still the sink's.
      [](std::span<const std::byte>) -> Result<void> {
        return Error::because(ECONNRESET, "the sink's own");
      });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "the sink's own");
  EXPECT_EQ(asked, 1);
}

TEST(download, nothing_is_asked_for_an_empty_blob) {
  const auto done = download(
      {"blob", 0, 0}, quick(),
      [](const std::string&, const Receive&) -> Result<Response> {
        return Error::because(EIO, "asked");
      },
      [](std::span<const std::byte>) -> Result<void> { return {}; });
  EXPECT_TRUE(done);
}

TEST(download, content_range_has_a_start) {
  EXPECT_EQ(range_start("bytes 7-99/100"), 7U);
  EXPECT_EQ(range_start("bytes */100"), std::nullopt);
  EXPECT_EQ(range_start("7-99/100"), std::nullopt);
  EXPECT_EQ(range_start(""), std::nullopt);
}

TEST(download, refusals_quote_the_registry) {
  Response refused = answer(404);
  refused.body = R"({"errors":[{"code":"NAME_UNKNOWN","message":"no\nsuch"}]})";
  EXPECT_EQ(refusal(refused, "it").message(),
            "it does not exist: example.com answered 404 \"no\\nsuch\"");
  for (const char* body : {"", "<html>", "[]", R"({"errors":[]})", R"({"errors":"x"})",
                           R"({"errors":[{"message":7}]})"}) {
    refused.body = body;
    EXPECT_EQ(refusal(refused, "it").message(), "it does not exist: example.com answered 404");
  }
}

TEST(upload, range_says_how_much_arrived) {
  EXPECT_EQ(received("0-99"), 100U);
  EXPECT_EQ(received("bytes=0-99"), 100U);
  EXPECT_EQ(received("0-0"), 0U);
  EXPECT_EQ(received("5-99"), std::nullopt);
  EXPECT_EQ(received("0-18446744073709551615"), std::nullopt);
  EXPECT_EQ(received(""), std::nullopt);
}

TEST(pages, next_is_found_among_links) {
  EXPECT_EQ(next_link(R"(</v2/a/tags/list?n=1&last=b>; rel="next")"), "/v2/a/tags/list?n=1&last=b");
  EXPECT_EQ(next_link(R"(</first>; rel="first", </b>; rel=next)"), "/b");
  EXPECT_EQ(next_link(R"(</first>; rel="first")"), std::nullopt);
  EXPECT_EQ(next_link("</never"), std::nullopt);
  EXPECT_EQ(next_link("><"), std::nullopt);
  EXPECT_EQ(next_link(""), std::nullopt);
}

}  // namespace
}  // namespace wolffia::image::remote
