// SPDX-License-Identifier: Apache-2.0
#include "image/usage.hpp"

#include "image/store_support.hpp"

namespace wolffia::image {
namespace {

TEST(usage, counts_what_images_share_once) {
  const TempDir dir;
  const Store store = value_of(Store::open(dir / "store"));
  const Writer writer = value_of(Writer::open(store));
  add_layer(writer, 'a', 100);
  add_layer(writer, 'b', 20);
  add_layer(writer, 'c', 3);
  add_layer(writer, 'd', 5000);
  add_image(writer, '1', "aba");
  add_image(writer, '2', "ac");
  const Usage used = value_of(usage(store));
  ASSERT_EQ(used.images.size(), 2U);
  EXPECT_EQ(used.images[0].manifest, digest('1'));
  EXPECT_EQ(used.images[0].size, 120U);
  EXPECT_EQ(used.images[0].own, 20U);
  EXPECT_EQ(used.images[1].own, 3U);
  EXPECT_EQ(used.layers, 5123U);
  EXPECT_EQ(used.unused, 5000U);
}

TEST(usage, counts_blobs_and_what_has_come_of_others) {
  const TempDir dir;
  const Store store = value_of(Store::open(dir / "store"));
  const Writer writer = value_of(Writer::open(store));
  const std::string bytes(20000, 'x');
  {
    Partial part = value_of(writer.partial(digest('a')));
    value_of(sys::write_all(part.file(), bytes));
    ASSERT_TRUE(writer.keep_blob(std::move(part), digest('a')));
  }
  value_of(sys::write_all(value_of(writer.partial(digest('b'))).file(), bytes));
  const Usage used = value_of(usage(store));
  EXPECT_EQ(used.blobs, bytes.size());
  EXPECT_EQ(used.partial, bytes.size());
  EXPECT_EQ(used.layers, 0U);
}

TEST(usage, an_empty_store_takes_nothing) {
  const TempDir dir;
  const Usage used = value_of(usage(value_of(Store::open(dir / "store"))));
  EXPECT_TRUE(used.images.empty());
  EXPECT_EQ(used.layers + used.blobs + used.partial, 0U);
}

}  // namespace
}  // namespace wolffia::image
