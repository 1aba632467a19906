// SPDX-License-Identifier: Apache-2.0
#include "cli/image/source.hpp"

#include <gtest/gtest.h>

namespace wolffia::cli::image {
namespace {

using Kind = Location::Kind;

TEST(location, is_a_name_unless_a_transport_stands_in_front) {
  struct Row {
    std::string_view text;
    Kind kind;
    std::string_view path, tag;
  };
  constexpr Row kRows[] = {
      {"debian:12", Kind::Registry, "debian:12", ""},
      {"localhost:5000/a/b:1", Kind::Registry, "localhost:5000/a/b:1", ""},
      {"docker://debian", Kind::Registry, "debian", ""},
      {"oci:dir", Kind::Layout, "dir", ""},
      {"oci:/a/dir:12", Kind::Layout, "/a/dir", "12"},
      {"oci-archive:f.tar:12", Kind::LayoutArchive, "f.tar", "12"},
      {"docker-archive:f.tar:debian:12", Kind::DockerArchive, "f.tar", "debian:12"},
  };
  for (const Row& row : kRows) {
    const auto location = parse_location(row.text);
    ASSERT_TRUE(location) << row.text;
    EXPECT_EQ(location->kind, row.kind) << row.text;
    EXPECT_EQ(location->path, row.path) << row.text;
    EXPECT_EQ(location->tag, row.tag) << row.text;
  }
}

TEST(location, of_another_transport_is_no_name) {
  for (const char* text :
       {"dir:x", "docker-daemon:x", "containers-storage:x", "oci:", "", "oci::1"})
    EXPECT_FALSE(parse_location(text)) << text;
}

}  // namespace
}  // namespace wolffia::cli::image
