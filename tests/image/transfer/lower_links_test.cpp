// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/lower_links.hpp"

#include <gtest/gtest.h>

#include "image/layer/unpack_support.hpp"

using namespace wolffia;
using test::TarBuilder;
using test::UnpackedTree;

TEST(lower_links, targets_are_copied_up_from_the_highest_layer_that_has_them) {
  UnpackedTree lowest;
  UnpackedTree middle;
  UnpackedTree upper;
  lowest.must_unpack(TarBuilder().file("d/f", "old").done());
  middle.must_unpack(TarBuilder().add({.name = "d/f", .content = "new", .mode = 0640}).done());
  const auto done = upper.must_unpack(TarBuilder().hard_link("e/link", "d/f").done());
  const std::vector<std::string> below{lowest.root(), middle.root()};
  const sys::Fd tree = sys::open_root(upper.root().c_str()).value();
  const auto linked = image::link_lower(tree, done.pending, below);
  ASSERT_TRUE(linked) << linked.error().message();
  EXPECT_EQ(upper.text("e/link"), "new");
  EXPECT_EQ(upper.status("e/link").st_mode, S_IFREG | 0640U);
  EXPECT_EQ(upper.status("e/link").st_ino, upper.status("d/f").st_ino);
}

TEST(lower_links, an_opaque_root_hides_every_name_below) {
  UnpackedTree lower;
  UnpackedTree upper;
  lower.must_unpack(TarBuilder().file("gone").file("replaced", "old").file("d/old").done());
  const auto done = upper.must_unpack(
      TarBuilder().file(".wh..wh..opq", "").file("replaced", "new").file("d/new").done());
  ASSERT_TRUE(done.hides_lower);
  const std::vector<std::string> below{lower.root()};
  const sys::Fd tree = sys::open_root(upper.root().c_str()).value();
  ASSERT_TRUE(image::hide_lower(tree, below));
  EXPECT_TRUE(upper.is_whiteout("gone"));
  EXPECT_TRUE(upper.is_opaque("d"));
  EXPECT_EQ(upper.text("replaced"), "new");
  EXPECT_EQ(upper.text("d/new"), "content");
}
