// SPDX-License-Identifier: Apache-2.0
#include "cli/user/published.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace wolffia::cli::user {
namespace {

/// As `wolffia port` lists them, or the error.
std::string published(std::string_view text) {
  std::vector<helper::PublishedPort> ports;
  const auto parsed = parse_ports(text, ports);
  if (!parsed) return parsed.error().message();
  std::string out;
  for (const helper::PublishedPort& port : ports)
    out += cat(out.empty() ? "" : ", ", text_of(port));
  return out;
}

}  // namespace

TEST(published_ports, are_one_or_a_range_of_either_protocol) {
  EXPECT_EQ(published("8080:80"), "80/tcp -> 0.0.0.0:8080");
  EXPECT_EQ(published("*:8080:80/tcp"), "80/tcp -> 0.0.0.0:8080");
  EXPECT_EQ(published("127.0.0.1:5300:53/udp"), "53/udp -> 127.0.0.1:5300");
  EXPECT_EQ(published("[::1]:8080:80"), "80/tcp -> [::1]:8080");
  EXPECT_EQ(published("8000-8001:80-81"), "80/tcp -> 0.0.0.0:8000, 81/tcp -> 0.0.0.0:8001");
  EXPECT_EQ(published("65535:65535"), "65535/tcp -> 0.0.0.0:65535");
}

TEST(published_ports, that_are_none_are_refused_in_a_sentence) {
  for (const char* text : {"", "80", "0:80", "80:0", "65536:80", "80:", ":80", "a:80", "80:80/sctp",
                           "80:80/", "-1:80", "2-1:2-1", "1-:1", "80 :80"})
    EXPECT_TRUE(published(text).starts_with("--publish ")) << text << ": " << published(text);
  EXPECT_EQ(published("1-2:1-3"), "--publish \"1-2:1-3\" has ranges of different length");
  EXPECT_NE(published("nowhere:1:1").find("an address of this host"), std::string::npos);
  EXPECT_NE(published("1-2000:1-2000").find("at most 1000"), std::string::npos);
}

}  // namespace wolffia::cli::user
