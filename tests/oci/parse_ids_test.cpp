// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

/// A uidMappings section of `count` lines of one id each.
std::string lines(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text +=
        cat(i == 0 ? "" : ",", R"({"containerID":)", i, R"(,"hostID":)", 1000 + i, R"(,"size":1})");
  }
  return cat(R"("uidMappings": [)", text, "]");
}

TEST(id_map, lines_are_read_in_order) {
  const Linux linux = parsed(read_data("valid/every-field.json")).linux;
  EXPECT_EQ(linux.uid_mappings, (std::vector<IdMap>{{0, 1000, 1}, {1, 100000, 65535}}));
}

TEST(id_map, may_be_the_whole_range) {
  const Linux linux = parsed(read_data("valid/every-field.json")).linux;
  EXPECT_EQ(linux.gid_mappings, (std::vector<IdMap>{{0, 0, 4294967295}}));
}

TEST(id_map, touching_lines_do_not_overlap) {
  const Linux linux = linux_with(
      R"("uidMappings": [{"containerID": 5, "hostID": 5, "size": 5},
                         {"containerID": 0, "hostID": 0, "size": 5}])");
  EXPECT_EQ(linux.uid_mappings.size(), 2U);
}

TEST(id_map, has_at_most_the_kernels_340_lines) {
  EXPECT_EQ(linux_with(lines(340)).uid_mappings.size(), 340U);
  const auto spec = parse_spec(
      cat(R"({"ociVersion": "1.0.2", "root": {"path": "r"}, "linux": {)", lines(341), "}}"));
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message(), "linux.uidMappings must have at most 340 lines");
}

}  // namespace
}  // namespace wolffia::oci
