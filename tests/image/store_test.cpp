// SPDX-License-Identifier: Apache-2.0
#include "image/store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "image/store_files.hpp"
#include "image/store_support.hpp"

namespace wolffia::image {
namespace {

namespace fs = std::filesystem;

/// A store written by hand: what is on disk is the contract, whoever wrote it.
class StoreTest : public ::testing::Test {
 protected:
  static void add_image(const std::string& store, char digit, const std::string& owners = "one") {
    const std::string path = cat(store, "/images/", digest(digit).hex());
    fs::create_directories(path);
    write_text(path + "/manifest", "the manifest");
    write_text(path + "/config", kConfigText);
    write_text(cat(path, "/layers-", owners), cat("7\n", std::string(64, 'e'), "\n"));
  }
  static void add_ref(const std::string& store, std::string_view name, char digit) {
    fs::create_directories(store + "/refs");
    write_text(cat(store, "/refs/", ref_name(name)), cat(digest(digit).text(), "\n", name, "\n"));
  }
  static std::string make_additional(const std::string& path) {
    fs::create_directories(path);
    write_text(path + "/version", "1\n");
    return path;
  }
  std::string error_of_open() const {
    const auto store = Store::open(path_);
    EXPECT_FALSE(store);
    return store ? std::string() : store.error().message();
  }
  TempDir dir_;
  std::string path_ = dir_ / "store";
};

TEST_F(StoreTest, a_missing_store_is_made_private) {
  path_ = dir_ / "a/b/store";
  const Store store = value_of(Store::open(path_));
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_all);
  EXPECT_EQ(read_text(path_ + "/version"), "1\n");
  EXPECT_TRUE(Store::open(path_));
}

TEST_F(StoreTest, a_directory_of_something_else_is_left_alone) {
  fs::create_directory(path_);
  write_text(path_ + "/letter", "dear");
  const auto store = Store::open(path_);
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().is(ENOTEMPTY));
  EXPECT_FALSE(fs::exists(path_ + "/version"));
}

TEST_F(StoreTest, two_may_make_it_at_once) {
  fs::create_directory(path_);
  write_text(path_ + "/.version.1", "");
  EXPECT_TRUE(Store::open(path_));
}

TEST_F(StoreTest, a_newer_version_is_not_touched) {
  fs::create_directory(path_);
  write_text(path_ + "/version", "2\n");
  const auto store = Store::open(path_);
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().is(ENOTSUP));
}

TEST_F(StoreTest, a_directory_others_may_write_to_is_refused) {
  fs::create_directory(path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0770), 0);
  EXPECT_NE(error_of_open().find("is writable by others"), std::string::npos);
}

TEST_F(StoreTest, a_directory_of_another_user_is_refused) {
  fs::create_directory(path_);
  const bool given_away = ::chown(path_.c_str(), 12345, 12345) == 0;  // only root can
  const auto store = Store::open(given_away ? path_ : "/proc/1");
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().is(EPERM));
}

TEST_F(StoreTest, a_link_of_our_own_may_lead_to_it) {
  fs::create_directory(dir_ / "large");
  fs::create_symlink(dir_ / "large", path_);
  EXPECT_TRUE(Store::open(path_));
  EXPECT_TRUE(fs::exists(dir_ / "large/version"));
}

TEST_F(StoreTest, a_relative_path_becomes_absolute) {
  const fs::path before = fs::current_path();
  fs::current_path(dir_.path());
  const auto store = Store::open("store");
  fs::current_path(before);
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->path().starts_with('/'));
}

TEST_F(StoreTest, finds_an_image_by_name) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  add_ref(path_, "h.x/a:1", 'a');
  const auto image = value_of(store.find(reference("h.x/a:1"), "one"));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->manifest, digest('a'));
  EXPECT_EQ(image->config.cmd, std::vector<std::string>{"sh"});
  EXPECT_EQ(image->layers,
            std::vector<std::string>{cat(path_, "/layers/one/", std::string(64, 'e'), "/tree")});
  EXPECT_EQ(image->size, 7U);
  EXPECT_FALSE(value_of(store.find(reference("h.x/a:2"), "one")));
}

TEST_F(StoreTest, trees_of_other_owners_are_not_there) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a', "ids-1f");
  add_ref(path_, "h.x/a:1", 'a');
  EXPECT_FALSE(value_of(store.find(reference("h.x/a:1"), "one")));
  EXPECT_TRUE(value_of(store.find(reference("h.x/a:1"), "ids-1f")));
}

TEST_F(StoreTest, finds_an_image_by_the_beginning_of_its_digest) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  EXPECT_TRUE(value_of(store.find_id(digest('a').text(), "one")));
  EXPECT_TRUE(value_of(store.find_id(std::string(12, 'a'), "one")));
  EXPECT_TRUE(value_of(store.find_id("sha256:" + std::string(20, 'a'), "one")));
  EXPECT_FALSE(value_of(store.find_id(std::string(11, 'a'), "one")));
  EXPECT_FALSE(value_of(store.find_id("../../../etc/passwd", "one")));
  EXPECT_FALSE(value_of(store.find_id(std::string(12, 'b'), "one")));
}

TEST_F(StoreTest, says_whether_an_image_is_still_here) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  EXPECT_TRUE(value_of(store.has(digest('a'))));
  EXPECT_FALSE(value_of(store.has(digest('b'))));
}

TEST_F(StoreTest, an_ambiguous_beginning_is_an_error) {
  const Store store = value_of(Store::open(path_));
  for (const char last : {'1', '2'}) {
    const std::string image = cat(path_, "/images/", std::string(63, 'c'), std::string(1, last));
    fs::create_directories(image);
    write_text(image + "/layers-one", "7\n");
  }
  EXPECT_TRUE(store.find_id(std::string(12, 'c'), "one").error().is(EINVAL));
}

TEST_F(StoreTest, additional_stores_are_read_after_ours) {
  const Store store = value_of(Store::open(path_));
  const std::string first = make_additional(dir_ / "first");
  const std::string second = make_additional(dir_ / "second");
  add_image(second, 'b');
  add_ref(second, "h.x/b:1", 'b');
  const Variable variable("WOLFFIA_ADDITIONAL_STORES", cat(first, "::", second));
  const auto image = value_of(store.find(reference("h.x/b:1"), "ids-5"));
  ASSERT_TRUE(image) << "one owner does where there are no trees of ours";
  EXPECT_TRUE(image->layers.at(0).starts_with(second));
  EXPECT_TRUE(value_of(store.find_id(std::string(12, 'b'), "one")));
  add_image(path_, 'a');
  add_ref(path_, "h.x/b:1", 'a');
  EXPECT_EQ(value_of(store.find(reference("h.x/b:1"), "one"))->manifest, digest('a'));
}

TEST_F(StoreTest, an_additional_store_that_is_none_is_told) {
  const Store store = value_of(Store::open(path_));
  const Variable variable("WOLFFIA_ADDITIONAL_STORES", dir_.path());
  const auto image = store.find(reference("h.x/b:1"), "one");
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message().find("is no store of images"), std::string::npos);
}

TEST_F(StoreTest, lists_names_and_images_without_one) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  add_image(path_, 'b');
  add_ref(path_, "h.x/z:1", 'a');
  add_ref(path_, "h.x/a:1", 'a');
  const std::string more = make_additional(dir_ / "more");
  add_image(more, 'c');
  add_ref(more, "h.x/c:1", 'c');
  add_ref(more, "h.x/z:1", 'c');
  const Variable variable("WOLFFIA_ADDITIONAL_STORES", more);
  EXPECT_EQ(value_of(store.list()), (std::vector<Tagged>{{"", digest('b'), false},
                                                         {"h.x/a:1", digest('a'), false},
                                                         {"h.x/c:1", digest('c'), true},
                                                         {"h.x/z:1", digest('a'), false}}));
}

TEST_F(StoreTest, a_tag_moves_and_goes) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  add_image(path_, 'b');
  const Reference name = reference("127.0.0.1:5000/a/b:1");
  ASSERT_TRUE(store.tag(name, digest('a')));
  ASSERT_TRUE(store.tag(name, digest('b')));
  EXPECT_EQ(value_of(store.find(name, "one"))->manifest, digest('b'));
  EXPECT_TRUE(fs::exists(path_ + "/refs/127.0.0.1:5000%2Fa%2Fb:1"));
  EXPECT_TRUE(value_of(store.untag(name)));
  EXPECT_FALSE(value_of(store.untag(name)));
  EXPECT_FALSE(value_of(store.find(name, "one")));
}

TEST_F(StoreTest, only_what_is_there_gets_a_name) {
  const Store store = value_of(Store::open(path_));
  EXPECT_TRUE(store.tag(reference("h.x/a"), digest('a')).error().is(ENOENT));
  EXPECT_TRUE(value_of(store.list()).empty());
}

TEST_F(StoreTest, names_of_any_length_fit) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  add_image(path_, 'b');
  const std::string longest =
      cat("h.x/", std::string(kNameLimit - 4, 'a'), ":", std::string(kTagLimit - 1, 't'));
  ASSERT_TRUE(store.tag(reference(longest + "1"), digest('a')));
  ASSERT_TRUE(store.tag(reference(longest + "2"), digest('b')));
  EXPECT_EQ(value_of(store.find(reference(longest + "1"), "one"))->manifest, digest('a'));
  EXPECT_EQ(value_of(store.list()).at(1).reference, longest + "2");
}

TEST_F(StoreTest, damaged_files_are_named) {
  const Store store = value_of(Store::open(path_));
  add_image(path_, 'a');
  add_ref(path_, "h.x/a:1", 'a');
  const std::string list = layers_path(digest('a'), "one");
  for (const std::string_view text : {"\n", "x\n", "7\n../../etc\n", "7\nabc\n"}) {
    write_text(cat(path_, "/", list), text);
    const auto image = store.find(reference("h.x/a:1"), "one");
    ASSERT_FALSE(image) << text;
    EXPECT_TRUE(image.error().message().starts_with(list));
  }
  write_text(path_ + "/refs/h.x%2Fa:1", "sha256:../x\nh.x/a:1\n");
  EXPECT_FALSE(store.find(reference("h.x/a:1"), "one"));
}

TEST(store_path, is_taken_from_the_first_that_is_set) {
  const Variable no_data("XDG_DATA_HOME", {});
  const Variable no_own("WOLFFIA_STORE", {});
  const Variable home("HOME", "/home/ana");
  EXPECT_EQ(value_of(store_path("")), "/home/ana/.local/share/wolffia");
  const Variable data("XDG_DATA_HOME", "/data");
  EXPECT_EQ(value_of(store_path("")), "/data/wolffia");
  const Variable own("WOLFFIA_STORE", "/store");
  EXPECT_EQ(value_of(store_path("")), "/store");
  EXPECT_EQ(value_of(store_path("/wanted")), "/wanted");
}

TEST(store_path, ignores_a_relative_data_home) {
  const Variable no_own("WOLFFIA_STORE", {});
  const Variable home("HOME", "/home/ana");
  const Variable data("XDG_DATA_HOME", "data");
  EXPECT_EQ(value_of(store_path("")), "/home/ana/.local/share/wolffia");
}

TEST(owners, tell_maps_apart) {
  const std::vector<oci::IdMap> self{{0, 1000, 1}};
  const std::vector<oci::IdMap> many{{0, 1000, 1}, {1, 100000, 65536}};
  const std::vector<oci::IdMap> other{{0, 1000, 1}, {1, 200000, 65536}};
  EXPECT_EQ(owners_of(self, self), "one");
  EXPECT_NE(owners_of(many, many), owners_of(other, other));
  EXPECT_NE(owners_of(many, other), owners_of(other, many));
  EXPECT_NE(owners_of(many, self), "one");
  EXPECT_TRUE(is_owners(owners_of(many, many)));
  EXPECT_FALSE(is_owners("../x") || is_owners("") || is_owners("a/b"));
}

}  // namespace
}  // namespace wolffia::image
