// SPDX-License-Identifier: Apache-2.0
#include "image/remote/transport.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace wolffia::image::remote {
namespace {

Request request(std::string_view url) {
  Request made{Url::parse(url).value()};
  made.authorization = "Bearer secret";
  return made;
}

Response redirect(const Request& from, std::string_view location, long status = 307) {
  Response answer{status, {}, {}, from.url};
  answer.headers.add("Location", location);
  return answer;
}

TEST(transport, credentials_stay_within_the_origin) {
  const Request from = request("https://example.com/v2/a");
  const auto carried = [&](std::string_view location) {
    return redirected(from, redirect(from, location)).value()->authorization;
  };
  EXPECT_EQ(carried("/elsewhere"), "Bearer secret");
  EXPECT_EQ(carried("https://example.com:443/x"), "Bearer secret");
  EXPECT_EQ(carried("https://EXAMPLE.com/x"), "Bearer secret");
  EXPECT_EQ(carried("https://example.com:444/x"), "");
  EXPECT_EQ(carried("https://cdn.example.com/x"), "");
  EXPECT_EQ(carried("https://example.com.evil.org/x"), "");
}

TEST(transport, tls_never_leads_to_http) {
  Request from = request("https://example.com/v2/a");
  for (const Insecure insecure : {Insecure::No, Insecure::Yes}) {
    from.insecure = insecure;
    const auto next = redirected(from, redirect(from, "http://example.com/v2/a"));
    ASSERT_FALSE(next);
    EXPECT_TRUE(next.error().is(EPERM));
  }
}

TEST(transport, what_was_declared_insecure_is_one_origin) {
  Request from = request("https://example.com/v2/a");
  from.insecure = Insecure::Yes;
  EXPECT_EQ(redirected(from, redirect(from, "/b")).value()->insecure, Insecure::Yes);
  EXPECT_EQ(redirected(from, redirect(from, "https://cdn.example.com/b")).value()->insecure,
            Insecure::No);
}

TEST(transport, a_body_is_sent_to_nobody_else) {
  Request from = request("https://example.com/v2/a");
  from.method = "PUT";
  EXPECT_TRUE(redirected(from, redirect(from, "/b")).value());
  EXPECT_FALSE(redirected(from, redirect(from, "https://cdn.example.com/b")).value());
}

TEST(transport, only_redirects_redirect) {
  const Request from = request("https://example.com/v2/a");
  EXPECT_FALSE(redirected(from, redirect(from, "/b", 201)).value());
  EXPECT_FALSE(redirected(from, redirect(from, "/b", 304)).value());
  EXPECT_TRUE(redirected(from, redirect(from, "/b", 301)).value());
}

TEST(transport, plain_http_needs_to_be_declared) {
  Transport transport(std::vector<std::string>{});
  const auto answer = transport.fetch(request("http://127.0.0.1:1/"), 100);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().is(EPERM));
}

TEST(transport, headers_are_found_in_any_case) {
  Headers headers;
  headers.add("LINK", "a");
  headers.add("Link", "b");
  EXPECT_EQ(headers.find("link"), "a");
  EXPECT_EQ(headers.all("link"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(headers.find("location"), "");
}

TEST(certificates, come_from_the_first_directory_that_knows_the_host) {
  const test::TempDir own;
  const test::TempDir other;
  std::filesystem::create_directories(own / "example.com:5000");
  std::filesystem::create_directories(other / "example.com:5000");
  test::write_text(own / "example.com:5000/ca.crt", "OWN");
  test::write_text(own / "example.com:5000/me.cert", "C");
  test::write_text(own / "example.com:5000/me.key", "K");
  test::write_text(other / "example.com:5000/ca.crt", "OTHER");
  const auto found = find_certificates({own.path(), other.path()}, "example.com:5000");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->authorities, "OWN\n");
  EXPECT_EQ(found->certificate_file, own / "example.com:5000/me.cert");
  EXPECT_EQ(found->key_file, own / "example.com:5000/me.key");
  EXPECT_EQ(find_certificates({own.path()}, "example.com")->authorities, "");
}

TEST(certificates, need_their_key) {
  const test::TempDir own;
  std::filesystem::create_directories(own / "example.com");
  test::write_text(own / "example.com/me.cert", "C");
  EXPECT_FALSE(find_certificates({own.path()}, "example.com"));
}

}  // namespace
}  // namespace wolffia::image::remote
