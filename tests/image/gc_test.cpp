// SPDX-License-Identifier: Apache-2.0
#include "image/gc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "image/store_files.hpp"
#include "image/store_support.hpp"

namespace wolffia::image {
namespace {

namespace fs = std::filesystem;

class GcTest : public ::testing::Test {
 protected:
  Writer writer() const { return value_of(Writer::open(store_)); }
  bool has_layer(char digit) const {
    return fs::exists(cat(path_, "/", layer_path(kOneOwner, digest(digit).hex())));
  }
  bool has_image(char digit) const {
    return fs::exists(cat(path_, "/", image_path(digest(digit))));
  }
  void record_container(const std::string& id, char digit) const {
    fs::create_directories(path_ + "/containers/" + id);
    write_text(path_ + "/containers/" + id + "/image", digest(digit).text() + "\n");
  }
  TempDir dir_;
  std::string path_ = dir_ / "store";
  Store store_ = value_of(Store::open(path_));
};

TEST_F(GcTest, removes_what_has_no_name) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a', 10);
    add_layer(adding, 'b', 20);
    add_image(adding, '1', "ab");
    add_image(adding, '2', "a");
  }
  ASSERT_TRUE(store_.tag(reference("h.x/a:1"), digest('2')));
  const Freed freed = value_of(collect(store_));
  EXPECT_EQ(freed.images, 1U);
  EXPECT_EQ(freed.layers, 1U);
  EXPECT_EQ(freed.bytes, 20U);
  EXPECT_TRUE(has_image('2') && has_layer('a'));
  EXPECT_FALSE(has_image('1') || has_layer('b'));
  EXPECT_EQ(value_of(collect(store_)).layers, 0U);
}

TEST_F(GcTest, an_image_of_a_container_stays) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
  }
  record_container("c1", '1');
  fs::create_directories(path_ + "/containers/being-made");
  EXPECT_EQ(value_of(collect(store_)).images, 0U);
  EXPECT_TRUE(has_image('1') && has_layer('a'));
  fs::remove_all(path_ + "/containers/c1");
  EXPECT_EQ(value_of(collect(store_)).images, 1U);
}

TEST_F(GcTest, layers_of_no_image_go) {
  { add_layer(writer(), 'a'); }
  EXPECT_EQ(value_of(collect(store_)).layers, 1U);
  EXPECT_FALSE(has_layer('a'));
}

TEST_F(GcTest, partial_and_kept_blobs_go_when_no_image_has_them) {
  {
    const Writer adding = writer();
    { (void)!::write(value_of(adding.partial(digest('c'))).file().get(), "abc", 3); }
    for (const char one : {'a', 'b'})
      ASSERT_TRUE(adding.keep_blob(value_of(adding.partial(digest(one))), digest(one)));
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
  }
  ASSERT_TRUE(store_.tag(reference("h.x/a:1"), digest('1')));
  const Freed freed = value_of(collect(store_));
  EXPECT_EQ(freed.blobs, 1U);
  EXPECT_EQ(freed.leftovers, 1U);
  EXPECT_TRUE(value_of(open_blob(store_, digest('a'))));
  EXPECT_FALSE(value_of(open_blob(store_, digest('b'))));
}

TEST_F(GcTest, an_empty_store_is_collected_too) {
  const Freed freed = value_of(collect(store_));
  EXPECT_EQ(freed.images + freed.layers + freed.blobs + freed.leftovers, 0U);
}

TEST_F(GcTest, read_only_directories_are_no_obstacle) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
  }
  const std::string tree = cat(path_, "/", layer_path(kOneOwner, digest('a').hex()), "/tree");
  fs::create_directories(tree + "/x/y");
  for (const char* name : {"/x/y", "/x", ""})
    fs::permissions(tree + name, fs::perms::owner_read | fs::perms::owner_exec);
  const Freed freed = value_of(collect(store_));
  EXPECT_TRUE(freed.left.empty());
  EXPECT_TRUE(fs::is_empty(path_ + "/tmp"));
}

TEST_F(GcTest, it_waits_for_writers) {
  std::optional<Writer> adding = writer();
  std::atomic<bool> told = false;
  std::atomic<bool> done = false;
  std::thread gc([&] {
    EXPECT_TRUE(collect(store_, [&] { told = true; }));
    done = true;
  });
  while (!told)
    std::this_thread::yield();
  EXPECT_FALSE(done);
  adding.reset();
  gc.join();
  EXPECT_TRUE(done);
}

TEST_F(GcTest, writers_wait_for_it_and_readers_do_not) {
  Locks locks(
      value_of(sys::open_at(sys::cwd(), ((void)writer(), path_ + "/locks").c_str(), O_DIRECTORY)));
  std::optional<Lock> all = value_of(locks.take(kStoreLock, LockMode::Exclusive));
  EXPECT_TRUE(store_.find(reference("h.x/a:1"), kOneOwner));
  EXPECT_TRUE(store_.list());
  std::atomic<bool> told = false;
  std::thread adding([&] { EXPECT_TRUE(Writer::open(store_, [&] { told = true; })); });
  while (!told)
    std::this_thread::yield();
  all.reset();
  adding.join();
}

TEST_F(GcTest, a_damaged_record_stops_it) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
  }
  record_container("c1", '1');
  write_text(path_ + "/containers/c1/image", "sha256:trunc");
  const auto freed = collect(store_);
  ASSERT_FALSE(freed);
  EXPECT_TRUE(freed.error().message().find("containers/c1/image") != std::string::npos);
  EXPECT_TRUE(has_image('1') && has_layer('a'));
}

TEST_F(GcTest, a_name_without_its_image_goes) {
  fs::create_directories(path_ + "/refs");
  write_text(path_ + "/refs/h.x%2Fa:1", cat(digest('1').text(), "\nh.x/a:1\n"));
  EXPECT_EQ(value_of(collect(store_)).leftovers, 1U);
  EXPECT_TRUE(value_of(store_.list()).empty());
}

TEST_F(GcTest, an_image_is_removed_with_all_its_names) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
    add_image(adding, '2', "a");
  }
  ASSERT_TRUE(store_.tag(reference("h.x/a:1"), digest('1')));
  ASSERT_TRUE(store_.tag(reference("h.x/a:2"), digest('1')));
  EXPECT_EQ(value_of(remove_image(store_, digest('1'), "mine")).images, 1U);
  EXPECT_FALSE(has_image('1'));
  EXPECT_TRUE(has_image('2') && has_layer('a')) << "only what was asked for";
  EXPECT_EQ(value_of(store_.list()).size(), 1U);
  EXPECT_TRUE(remove_image(store_, digest('1'), "mine").error().is(ENOENT));
}

TEST_F(GcTest, an_image_in_use_is_not_removed) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
  }
  record_container("c1", '1');
  record_container("c2", '1');
  fs::create_directory_symlink("c1", path_ + "/containers/name");
  const auto removed = remove_image(store_, digest('1'), "mine");
  ASSERT_FALSE(removed);
  EXPECT_TRUE(removed.error().is(EBUSY));
  EXPECT_NE(removed.error().message().find("by c1, c2: "), std::string::npos);
  EXPECT_TRUE(has_image('1'));
}

/// An image goes from name to name while gc runs over and over. Where gc overlooks one name that
/// comes and another that goes, the image is put back; the name that is given meanwhile is refused.
TEST_F(GcTest, an_image_that_always_has_a_name_stays) {
  {
    const Writer adding = writer();
    add_layer(adding, 'a');
    add_image(adding, '1', "a");
    ASSERT_TRUE(store_.tag(reference("h.x/a:0"), digest('1')));
  }
  std::atomic<bool> stop = false;
  std::thread gc([&] {
    while (!stop)
      EXPECT_TRUE(collect(store_));
  });
  int moves = 0;
  for (int i = 0; i < 100; ++i) {
    const auto tagged = store_.tag(reference(cat("h.x/a:", moves + 1)), digest('1'));
    if (!tagged) continue;
    EXPECT_TRUE(value_of(store_.untag(reference(cat("h.x/a:", moves)))));
    ++moves;
  }
  stop = true;
  gc.join();
  EXPECT_GT(moves, 0);
  EXPECT_TRUE(has_image('1') && has_layer('a'));
  EXPECT_EQ(value_of(store_.list()).at(0).reference, cat("h.x/a:", moves));
}

}  // namespace
}  // namespace wolffia::image
