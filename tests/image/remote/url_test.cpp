// SPDX-License-Identifier: Apache-2.0
#include "image/remote/url.hpp"

#include <gtest/gtest.h>

namespace wolffia::image::remote {
namespace {

Url url(std::string_view text) {
  auto parsed = Url::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message();
  return std::move(parsed).value();
}

std::string refused(std::string_view text) {
  const auto parsed = Url::parse(text);
  return parsed ? "accepted" : parsed.error().message();
}

TEST(url, origin_has_scheme_host_and_port) {
  EXPECT_EQ(url("https://Example.COM/v2/").origin(), "https://example.com:443");
  EXPECT_EQ(url("https://example.com:443/a").origin(), "https://example.com:443");
  EXPECT_EQ(url("http://example.com/a").origin(), "http://example.com:80");
  EXPECT_EQ(url("https://[::1]:5000/a").origin(), "https://[::1]:5000");
}

TEST(url, host_is_named_as_certs_d_names_it) {
  EXPECT_EQ(url("https://example.com/").host(), "example.com");
  EXPECT_EQ(url("https://example.com:5000/").host(), "example.com:5000");
  EXPECT_EQ(url("https://example.com:80/").host(), "example.com:80");
  EXPECT_EQ(url("https://[::1]:5000/").machine(), "::1");
}

TEST(url, takes_only_http_without_user) {
  EXPECT_EQ(refused("file:///etc/passwd"),
            "the URL \"file:///etc/passwd\" is neither https nor http");
  EXPECT_EQ(refused("https://a:b@example.com/"),
            "the URL \"https://a:b@example.com/\" must not carry a user or password");
  EXPECT_EQ(refused("https://a@example.com/"),
            "the URL \"https://a@example.com/\" must not carry a user or password");
  EXPECT_NE(refused("https://example.com/\r\nHost: x"), "accepted");
  EXPECT_NE(refused("https://example.com/a b"), "accepted");
  EXPECT_NE(refused(std::string_view("https://example.com/\0", 21)), "accepted");
  EXPECT_NE(refused(""), "accepted");
  EXPECT_NE(refused("/v2/"), "accepted");
}

TEST(url, resolves_what_a_location_says) {
  const Url base = url("https://example.com:5000/v2/a/blobs/uploads/?x=1");
  const auto resolved = [&](std::string_view location) {
    return base.resolve(location).value().text();
  };
  EXPECT_EQ(resolved("/v2/b?y=2&z=3"), "https://example.com:5000/v2/b?y=2&z=3");
  EXPECT_EQ(resolved("next?last=q"), "https://example.com:5000/v2/a/blobs/uploads/next?last=q");
  EXPECT_EQ(resolved("//cdn.example.com/b"), "https://cdn.example.com/b");
  EXPECT_EQ(resolved("http://other/x#part"), "http://other/x");
  EXPECT_FALSE(base.resolve("ftp://example.com/"));
  EXPECT_FALSE(base.resolve("https://user@example.com/"));
}

TEST(url, adds_an_encoded_query) {
  EXPECT_EQ(url("https://a.b/t").with_query("scope", "repository:a/b:pull").text(),
            "https://a.b/t?scope=repository%3Aa%2Fb%3Apull");
  EXPECT_EQ(url("https://a.b/t?x=1").with_query("y", "&\n").text(), "https://a.b/t?x=1&y=%26%0A");
}

}  // namespace
}  // namespace wolffia::image::remote
