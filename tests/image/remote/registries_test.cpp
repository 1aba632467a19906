// SPDX-License-Identifier: Apache-2.0
#include "image/remote/registries.hpp"

#include <gtest/gtest.h>

#include "image/remote/environment.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image::remote {
namespace {

using Texts = std::vector<std::string>;

Registries with(std::initializer_list<const char*> files) {
  Registries registries;
  for (const char* text : files) {
    auto file = parse_registries(text, "registries.conf");
    EXPECT_TRUE(file) << file.error().message();
    if (file) registries.add(std::move(file).value());
  }
  return registries;
}

std::string fault(const std::string& text) {
  const auto file = parse_registries(text, "r.conf");
  return file ? "accepted" : file.error().message();
}

/// "NAME[ insecure][ mirror]" of every place, or the message.
Texts places(const Registries& registries, std::string_view name) {
  const auto found = registries.places(parse_reference(name).value());
  if (!found) return {found.error().message()};
  Texts texts;
  for (const Place& place : *found)
    texts.push_back(cat(place.reference.text(), place.insecure == Insecure::Yes ? " insecure" : "",
                        place.mirror ? " mirror" : ""));
  return texts;
}

Texts names(const Registries& registries, std::string_view text) {
  const auto expansion = registries.expand(text);
  if (!expansion) return {expansion.error().message()};
  Texts texts;
  for (const Reference& name : expansion->names)
    texts.push_back(name.text());
  if (expansion->ambiguous) texts.emplace_back("ambiguous");
  return texts;
}

TEST(registries, are_ascii_but_for_comments) {
  EXPECT_TRUE(parse_registries("# für alle\nunqualified-search-registries = []  # ±\n", "r.conf"));
  const auto file = parse_registries("\nu-\uFE7F = 1\n", "r.conf");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message(), "r.conf: line 2: only ASCII is allowed outside of comments");
}

TEST(registries, short_names_are_dockers_where_nothing_is_set_up) {
  EXPECT_EQ(names({}, "debian:12"), Texts{"docker.io/library/debian:12"});
  EXPECT_EQ(names({}, "me/app"), Texts{"docker.io/me/app:latest"});
  EXPECT_EQ(names({}, "quay.io/x/y:1"), Texts{"quay.io/x/y:1"});
}

TEST(registries, an_empty_search_list_means_no_short_names) {
  EXPECT_EQ(names(with({"unqualified-search-registries = []"}), "debian"),
            Texts{"\"debian\" names no registry, and registries.conf has an empty "
                  "unqualified-search-registries: write HOST/debian"});
}

TEST(registries, several_search_registries_are_ambiguous) {
  const char* search = "unqualified-search-registries = ['a.example', 'b.example']";
  EXPECT_EQ(names(with({search}), "x:1"), (Texts{"a.example/x:1", "b.example/x:1", "ambiguous"}));
  EXPECT_EQ(names(with({search, "short-name-mode = 'permissive'"}), "x:1"),
            (Texts{"a.example/x:1", "b.example/x:1"}));
  const Expansion expansion = with({search}).expand("x:1").value();
  EXPECT_EQ(ambiguous_name("x:1", expansion).message(),
            "\"x:1\" may be a.example/x:1 or b.example/x:1: write which");
}

TEST(registries, an_alias_stands_for_one_name) {
  const Registries registries =
      with({"unqualified-search-registries = ['a.example', 'b.example']\n"
            "[aliases]\n'x' = 'c.example/team/x'\n'y' = 'c.example/y'",
            "[aliases]\n'y' = ''"});
  EXPECT_EQ(names(registries, "x"), Texts{"c.example/team/x:latest"});
  EXPECT_EQ(names(registries, "x:1"), Texts{"c.example/team/x:1"});
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(names(registries, "x@" + digest), Texts{"c.example/team/x@" + digest});
  EXPECT_EQ(names(registries, "y").size(), 3U);
  EXPECT_EQ(names(registries, "team/x").size(), 3U);
}

TEST(registries, prefix_ends_at_a_separator) {
  EXPECT_EQ(match_prefix("example.com/foo/bar:1", "example.com/foo"), 15U);
  EXPECT_EQ(match_prefix("example.com/foo:1", "example.com/foo"), 15U);
  EXPECT_EQ(match_prefix("example.com/foobar:1", "example.com/foo"), std::string::npos);
  EXPECT_EQ(match_prefix("example.com:5000/foo:1", "example.com"), 11U);
  EXPECT_EQ(match_prefix("example.community/foo:1", "example.com"), std::string::npos);
}

TEST(registries, wildcard_matches_subdomains_only) {
  EXPECT_EQ(match_prefix("a.b.example.com/foo:1", "*.example.com"), 15U);
  EXPECT_EQ(match_prefix("a.example.com:5000/foo:1", "*.example.com"), 13U);
  EXPECT_EQ(match_prefix("example.com/foo:1", "*.example.com"), std::string::npos);
  EXPECT_EQ(match_prefix("evil.org/a.example.com:1", "*.example.com"), std::string::npos);
  EXPECT_EQ(match_prefix("a.example.com.evil.org/x:1", "*.example.com"), std::string::npos);
}

constexpr const char* kMirrors = R"(
[[registry]]
prefix = "example.com/foo"
location = "internal.example.net/bar"
[[registry.mirror]]
location = "mirror-0.local/mirror-for-foo"
[[registry.mirror]]
location = "mirror-1.local/mirrors/foo"
insecure = true
pull-from-mirror = "digest-only"
[[registry]]
location = "example.com"
blocked = true
[[registry]]
prefix = "*.lab.example"
insecure = true
)";

TEST(registries, mirrors_come_before_the_location) {
  EXPECT_EQ(
      places(with({kMirrors}), "example.com/foo/image:1"),
      (Texts{"mirror-0.local/mirror-for-foo/image:1 mirror", "internal.example.net/bar/image:1"}));
}

TEST(registries, a_mirror_may_be_for_digests_only) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  EXPECT_EQ(places(with({kMirrors}), "example.com/foo/image" + digest),
            (Texts{"mirror-0.local/mirror-for-foo/image" + digest + " mirror",
                   "mirror-1.local/mirrors/foo/image" + digest + " insecure mirror",
                   "internal.example.net/bar/image" + digest}));
}

TEST(registries, the_longest_prefix_counts_and_may_block) {
  EXPECT_EQ(places(with({kMirrors}), "example.com/other:1"),
            Texts{"example.com/other:1: registries.conf blocks example.com"});
  EXPECT_EQ(places(with({kMirrors}), "unknown.example/x:1"), Texts{"unknown.example/x:1"});
}

TEST(registries, wildcard_without_location_moves_nothing) {
  EXPECT_EQ(places(with({kMirrors}), "a.lab.example/x:1"), Texts{"a.lab.example/x:1 insecure"});
}

TEST(registries, a_later_file_replaces_a_registry) {
  EXPECT_EQ(places(with({kMirrors, "[[registry]]\nlocation = 'example.com'\ninsecure = true"}),
                   "example.com/other:1"),
            Texts{"example.com/other:1 insecure"});
}

TEST(registries, pushes_go_to_the_name_itself) {
  const Registries registries = with({kMirrors});
  const Place place =
      registries.destination(parse_reference("example.com/foo/image:1").value()).value();
  EXPECT_EQ(place.reference.text(), "example.com/foo/image:1");
  EXPECT_FALSE(registries.destination(parse_reference("example.com/other:1").value()));
}

TEST(registries, faults_are_named) {
  EXPECT_TRUE(fault("a = 1\nb = \n").starts_with("r.conf is not valid TOML: line 2: "));
  EXPECT_EQ(fault("[[registry]]\nprefix = 'a.example'"), "r.conf: location is required");
  EXPECT_EQ(fault("[[registry]]\nlocation = 'http://a.example'"),
            "r.conf: location must have no scheme: \"http://a.example\"");
  EXPECT_EQ(fault("[[registry]]\nlocation = 'a.example'\ninsecure = 'yes'"),
            "r.conf: insecure must be true or false");
  EXPECT_EQ(fault("[[registry]]\nprefix = '*.a.example/x'\nlocation = 'b'"),
            "r.conf: prefix must be HOST[/PATH] or *.DOMAIN: \"*.a.example/x\"");
  EXPECT_EQ(fault("unqualified-search-registries = 'docker.io'"),
            "r.conf: unqualified-search-registries must be an array of strings");
  EXPECT_EQ(fault("short-name-mode = 'x'"),
            "r.conf: short-name-mode must be enforcing, permissive or disabled");
  EXPECT_TRUE(fault("[registries.search]\nregistries = ['docker.io']").starts_with("r.conf: [reg"));
}

TEST(registries, unknown_keys_are_left_alone) {
  EXPECT_EQ(fault("credential-helpers = ['x']\nnew = 1\n[[registry]]\nlocation = 'a'\nnew = 2"),
            "accepted");
}

TEST(registries, files_are_read_in_order) {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "containers/registries.conf.d");
  test::write_text(dir / "main.conf",
                   "unqualified-search-registries = ['main.example']\n"
                   "[aliases]\n'wolffia-x' = 'main.example/x'");
  test::write_text(dir / "containers/registries.conf.d/a.conf",
                   "[aliases]\n'wolffia-x' = 'drop.example/x'");
  test::write_text(dir / "containers/registries.conf.d/ignored.toml", "broken");
  const test::Variable main("CONTAINERS_REGISTRIES_CONF", dir / "main.conf");
  const test::Variable config("XDG_CONFIG_HOME", dir.path());
  const test::Variable cache("XDG_CACHE_HOME", dir / "cache");
  const auto registries = Registries::load();
  ASSERT_TRUE(registries) << registries.error().message();
  EXPECT_EQ(names(*registries, "wolffia-x"), Texts{"drop.example/x:latest"});
  EXPECT_EQ(names(*registries, "wolffia-y"), Texts{"main.example/wolffia-y:latest"});
}

}  // namespace
}  // namespace wolffia::image::remote
