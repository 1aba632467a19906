// SPDX-License-Identifier: Apache-2.0
#include "image/reference.hpp"

#include <gtest/gtest.h>

namespace wolffia::image {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

/// The canonical text of what `text` is read as; else the message.
std::string read(std::string_view text) {
  const auto reference = parse_reference(text);
  return reference ? reference->text() : reference.error().message();
}

/// Whether `text` is refused as invalid, in a sentence that has `word` in it.
bool refused(std::string_view text, std::string_view word) {
  const auto reference = parse_reference(text);
  return !reference && reference.error().is(EINVAL) &&
         reference.error().message().find(word) != std::string::npos;
}

TEST(reference, is_taken_apart) {
  const auto all = parse_reference("127.0.0.1:5000/a/b:1.2@" + kDigest);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->host, "127.0.0.1:5000");
  EXPECT_EQ(all->repository, "a/b");
  EXPECT_EQ(all->tag, "1.2");
  EXPECT_EQ(all->digest->text(), kDigest);
  EXPECT_EQ(all->name(), "127.0.0.1:5000/a/b");
  EXPECT_EQ(all->text(), "127.0.0.1:5000/a/b:1.2@" + kDigest);
}

TEST(reference, a_missing_tag_is_latest_unless_there_is_a_digest) {
  EXPECT_EQ(read("quay.io/a/b"), "quay.io/a/b:latest");
  EXPECT_EQ(read("quay.io/a/b@" + kDigest), "quay.io/a/b@" + kDigest);
}

TEST(reference, docker_hub_has_its_library) {
  EXPECT_EQ(read("docker.io/debian:12"), "docker.io/library/debian:12");
  EXPECT_EQ(read("index.docker.io/debian"), "docker.io/library/debian:latest");
  EXPECT_EQ(read("docker.io/grafana/grafana"), "docker.io/grafana/grafana:latest");
  EXPECT_EQ(read("quay.io/debian"), "quay.io/debian:latest");
}

TEST(reference, a_short_name_has_no_host) {
  for (const std::string_view text :
       {"debian", "debian:12", "library/debian", "a/b/c", "localhost", "Debian/x", ""}) {
    EXPECT_FALSE(has_host(text)) << text;
    const auto reference = parse_reference(text);
    ASSERT_FALSE(reference);
    EXPECT_TRUE(reference.error().is(ENOENT)) << text;
  }
  for (const std::string_view text : {"localhost/a", "a.b/c", "a:5/c", "[::1]/a"})
    EXPECT_TRUE(has_host(text)) << text;
}

TEST(reference, hosts_may_be_names_and_addresses_with_ports) {
  for (const std::string_view host : {"localhost", "localhost:5000", "a-b.example", "10.0.0.1:1",
                                      "[::1]", "[2001:db8::1]:443", "REG.example:65535"})
    EXPECT_EQ(read(cat(host, "/a")), cat(host, "/a:latest"));
}

TEST(reference, hosts_of_another_form_are_refused) {
  for (const std::string_view host :
       {"a..b",      ".a",     "a.",     "-a.b",     "a-.b",    "a.b:", "a.b:0",
        "a.b:65536", "a.b:x",  "a.b:+5", "[::1",     "[]:5",    "[:]",  "[::1]x",
        "[::g]",     "[::1]:", "a_b.c",  "user@a.b", "a.b:1:2", "ä.b"})
    EXPECT_TRUE(refused(cat(host, "/a"), "is no host")) << host;
}

TEST(reference, separators_stand_alone_between_letters) {
  for (const std::string_view name :
       {"a.b", "a_b", "a__b", "a-b", "a---b", "a/b/c", "0", "a1/b.c_d"})
    EXPECT_EQ(read(cat("h.x/", name)), cat("h.x/", name, ":latest"));
  for (const std::string_view name : {"", "A", "a..b", "a___b", "a._b", "_a", "a-", "a/", "/a",
                                      "a//b", "a/../b", "..", "a b", "a\nb", "a%2fb", "a+b", "é"})
    EXPECT_TRUE(refused(cat("h.x/", name), "is no repository")) << name;
}

TEST(reference, tags_have_128_characters_of_their_own) {
  for (const std::string& tag :
       {std::string("1"), std::string("_x"), std::string("V1.0-rc_1"), std::string(128, 'a')})
    EXPECT_EQ(read(cat("h.x/a:", tag)), cat("h.x/a:", tag));
  for (const std::string& tag : {std::string(), std::string(".a"), std::string("-a"),
                                 std::string(129, 'a'), std::string("a:b"), std::string("a b")})
    EXPECT_TRUE(refused(cat("h.x/a:", tag), "is no tag")) << tag;
}

TEST(reference, a_digest_is_one_that_can_be_checked) {
  for (const std::string& digest :
       {std::string(), std::string("sha256:abc"), std::string("md5:x"), kDigest + "@" + kDigest})
    EXPECT_TRUE(refused(cat("h.x/a@", digest), "invalid image name")) << digest;
}

TEST(reference, a_name_has_255_characters) {
  const std::string fits(kNameLimit - 4, 'a');
  EXPECT_EQ(read("h.x/" + fits), "h.x/" + fits + ":latest");
  EXPECT_TRUE(refused("h.x/a" + fits, "is too long"));
}

}  // namespace
}  // namespace wolffia::image
