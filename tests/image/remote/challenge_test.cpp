// SPDX-License-Identifier: Apache-2.0
#include "image/remote/challenge.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace wolffia::image::remote {
namespace {

/// "scheme name=value name=value; scheme …"
std::string read_back(std::string_view field) {
  std::string all;
  for (const Challenge& challenge : parse_challenges(field)) {
    all += cat(all.empty() ? "" : "; ", challenge.scheme);
    for (const auto& [name, value] : challenge.parameters)
      all += cat(" ", name, "=", value);
  }
  return all;
}

TEST(challenge, has_quoted_parameters) {
  EXPECT_EQ(read_back(R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",)"
                      R"(scope="repository:library/debian:pull,push")"),
            "bearer realm=https://auth.docker.io/token service=registry.docker.io "
            "scope=repository:library/debian:pull,push");
}

TEST(challenge, names_are_in_any_case_and_spaced_freely) {
  EXPECT_EQ(read_back("BASIC  Realm = \"a\" ,\tCharset = UTF-8 "), "basic realm=a charset=UTF-8");
}

TEST(challenge, several_stand_in_one_field) {
  EXPECT_EQ(read_back(R"(Basic realm="a", Bearer realm="b", service=c)"),
            "basic realm=a; bearer realm=b service=c");
  EXPECT_EQ(read_back("Negotiate, Basic realm=a"), "negotiate; basic realm=a");
  EXPECT_EQ(read_back("Negotiate YIIabc/+==, Basic realm=a"), "negotiate; basic realm=a");
  EXPECT_EQ(read_back(",, Basic realm=a,,,"), "basic realm=a");
}

TEST(challenge, quotes_may_be_escaped) {
  EXPECT_EQ(read_back(R"(Basic realm="a \"b\" \\c, Bearer x=y")"),
            "basic realm=a \"b\" \\c, Bearer x=y");
}

TEST(challenge, ends_at_the_first_fault) {
  EXPECT_EQ(read_back(""), "");
  EXPECT_EQ(read_back("\"Bearer\""), "");
  EXPECT_EQ(read_back("Bearer realm=\"never closed"), "bearer");
  EXPECT_EQ(read_back("Basic realm=a; Bearer realm=b"), "basic realm=a");
  EXPECT_EQ(read_back("Bearer realm=\"\\"), "bearer");
}

TEST(challenge, are_bounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += cat("S", i, " a=b,");
  EXPECT_EQ(parse_challenges(many).size(), 16U);
  std::string long_one = "Bearer a=b";
  for (int i = 0; i < 1000; ++i)
    long_one += cat(",n", i, "=v");
  EXPECT_EQ(parse_challenges(long_one).front().parameters.size(), 16U);
}

TEST(challenge, finds_a_parameter) {
  const Challenge challenge = parse_challenges("Bearer realm=a,service=b").front();
  EXPECT_EQ(challenge.find("service"), "b");
  EXPECT_EQ(challenge.find("scope"), "");
}

}  // namespace
}  // namespace wolffia::image::remote
