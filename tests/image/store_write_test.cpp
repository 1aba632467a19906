// SPDX-License-Identifier: Apache-2.0
#include "image/store_write.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/space.hpp"
#include "image/store_files.hpp"
#include "image/store_support.hpp"

namespace wolffia::image {
namespace {

namespace fs = std::filesystem;

class WriterTest : public ::testing::Test {
 protected:
  /// Runs `body` in a child that is killed where it ends.
  template <class Body>
  static void killed_after(Body body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      body();
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  size_t leftovers() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(path_ + "/tmp"))
      count += !entry.path().filename().string().starts_with("part-");
    return count;
  }
  std::string layer(char digit) const {
    return cat(path_, "/", layer_path(kOneOwner, digest(digit).hex()));
  }
  TempDir dir_;
  std::string path_ = dir_ / "store";
  Store store_ = value_of(Store::open(path_));
};

TEST_F(WriterTest, an_image_is_found_once_it_has_a_name) {
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'a', 10);
  add_layer(writer, 'b', 20);
  add_image(writer, '1', "ab");
  ASSERT_TRUE(store_.tag(reference("h.x/a:1"), digest('1')));
  const auto image = value_of(store_.find(reference("h.x/a:1"), kOneOwner));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->size, 30U);
  ASSERT_EQ(image->layers.size(), 2U);
  EXPECT_EQ(read_text(image->layers[1] + "/file"), std::string(20, 'x'));
  EXPECT_EQ(value_of(store_.config_bytes(digest('1'))), kConfigText);
  EXPECT_EQ(value_of(store_.manifest_bytes(digest('1'))), manifest_text('a'));
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, one_image_may_have_trees_of_several_owners) {
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'a');
  add_layer(writer, 'a', 5, "ids-1");
  add_image(writer, '1', "a");
  add_image(writer, '1', "a", "ids-1");
  for (const std::string_view owners : {kOneOwner, std::string_view("ids-1")})
    EXPECT_TRUE(value_of(store_.find_id(digest('1').text(), owners))) << owners;
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, a_layer_twice_in_an_image_counts_in_its_higher_place) {
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'a');
  add_layer(writer, 'b');
  add_image(writer, '1', "aba");
  const auto image = value_of(store_.find_id(digest('1').text(), kOneOwner));
  EXPECT_EQ(image->layers, (std::vector<std::string>{layer('b') + "/tree", layer('a') + "/tree"}));
}

TEST_F(WriterTest, an_image_without_its_layers_is_refused) {
  const Writer writer = value_of(Writer::open(store_));
  const std::string key(digest('a').hex());
  const auto added = writer.add_image({.digest = digest('1'),
                                       .manifest = "",
                                       .config = "",
                                       .owners = kOneOwner,
                                       .keys = {&key, 1}});
  ASSERT_FALSE(added);
  EXPECT_TRUE(added.error().is(ENOENT));
  EXPECT_FALSE(fs::exists(path_ + "/" + image_path(digest('1'))));
}

TEST_F(WriterTest, no_name_leads_out_of_the_store) {
  const Writer writer = value_of(Writer::open(store_));
  const LayerMeta meta{.diff_id = digest('a')};
  EXPECT_TRUE(
      writer.commit_layer(value_of(writer.stage()), "one", "../../x", meta).error().is(EINVAL));
  EXPECT_TRUE(writer.commit_layer(value_of(writer.stage()), "..", digest('a').hex(), meta)
                  .error()
                  .is(EINVAL));
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, the_first_of_two_equal_layers_stays) {
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'a', 10);
  struct stat before {};
  ASSERT_EQ(::stat(layer('a').c_str(), &before), 0);
  add_layer(writer, 'a', 10);
  struct stat after {};
  ASSERT_EQ(::stat(layer('a').c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, what_is_not_committed_goes_with_its_object) {
  const Writer writer = value_of(Writer::open(store_));
  {
    const Staged staged = value_of(writer.stage());
    value_of(staged.make_tree());
    EXPECT_EQ(leftovers(), 1U);
  }
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, the_tree_of_a_layer_need_not_be_writable) {
  const Writer writer = value_of(Writer::open(store_));
  {
    const Staged staged = value_of(writer.stage());
    value_of(staged.make_tree());
    const std::string tree = path_ + "/" + kTemporary;
    for (const auto& entry : fs::directory_iterator(tree)) {
      fs::create_directories(entry.path() / "tree/a/b");
      write_text(entry.path() / "tree/a/b/c", "x");
      for (const char* name : {"tree/a/b", "tree/a", "tree"})
        fs::permissions(entry.path() / name, fs::perms::none);
    }
  }
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, what_a_killed_writer_left_is_swept_by_the_next) {
  killed_after([&] {
    const Writer writer = value_of(Writer::open(store_));
    const Staged staged = value_of(writer.stage());
    value_of(staged.make_tree());
    (void)!::write(value_of(writer.partial(digest('b'))).file().get(), "part", 4);
    ::kill(::getpid(), SIGKILL);
  });
  EXPECT_EQ(leftovers(), 1U);
  const Writer next = value_of(Writer::open(store_));
  EXPECT_EQ(leftovers(), 0U);
  EXPECT_EQ(read_text(path_ + "/" + part_path(digest('b'))), "part") << "to be gone on with";
}

TEST_F(WriterTest, what_a_living_writer_makes_is_left_alone) {
  const Writer writer = value_of(Writer::open(store_));
  const Staged staged = value_of(writer.stage());
  const Writer other = value_of(Writer::open(store_));
  EXPECT_EQ(leftovers(), 1U);
}

TEST_F(WriterTest, what_another_machine_makes_is_left_alone_for_a_day) {
  const std::string name = path_ + "/tmp/00000000-0123456789abcdef.1";
  fs::create_directories(name);
  { const Writer writer = value_of(Writer::open(store_)); }
  EXPECT_TRUE(fs::exists(name));
  fs::last_write_time(name, fs::file_time_type::clock::now() - std::chrono::hours(25));
  { const Writer writer = value_of(Writer::open(store_)); }
  EXPECT_FALSE(fs::exists(name));
}

TEST_F(WriterTest, a_finished_layer_of_a_killed_pull_is_used) {
  killed_after([&] { add_layer(value_of(Writer::open(store_)), 'a'); });
  const Writer writer = value_of(Writer::open(store_));
  const auto meta = value_of(writer.find_layer(kOneOwner, digest('a').hex()));
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->diff_id, digest('a'));
  EXPECT_EQ(meta->bytes, 5U);
}

TEST_F(WriterTest, after_a_restart_a_layer_is_believed_only_if_an_image_names_it) {
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'a');
  add_layer(writer, 'b');
  add_image(writer, '1', "a");
  for (const char one : {'a', 'b'})
    write_text(layer(one) + "/meta", cat(digest(one).text(), "\n5\n1\n00-earlier\n"));
  EXPECT_TRUE(value_of(writer.find_layer(kOneOwner, digest('a').hex())));
  EXPECT_FALSE(value_of(writer.find_layer(kOneOwner, digest('b').hex())));
  add_layer(writer, 'b', 9);
  EXPECT_EQ(read_text(layer('b') + "/tree/file"), std::string(9, 'x'));
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(WriterTest, a_layer_cut_short_by_a_loss_of_power_is_made_anew) {
  const Writer writer = value_of(Writer::open(store_));
  for (const std::string_view text : {"", "sha256:ab", "x\n"}) {
    add_layer(writer, 'a');
    write_text(layer('a') + "/meta", text);
    EXPECT_FALSE(value_of(writer.find_layer(kOneOwner, digest('a').hex()))) << text;
  }
  add_layer(writer, 'a');
  EXPECT_TRUE(value_of(writer.find_layer(kOneOwner, digest('a').hex())));
}

TEST_F(WriterTest, a_blob_is_gone_on_with) {
  const Writer writer = value_of(Writer::open(store_));
  { (void)!::write(value_of(writer.partial(digest('b'))).file().get(), "abc", 3); }
  Partial part = value_of(writer.partial(digest('b')));
  EXPECT_EQ(value_of(sys::read_all(part.file(), 10)), "abc");
  ASSERT_TRUE(std::move(part).discard());
  EXPECT_FALSE(fs::exists(path_ + "/" + part_path(digest('b'))));
}

TEST_F(WriterTest, a_kept_blob_is_found_and_not_writable) {
  const Writer writer = value_of(Writer::open(store_));
  EXPECT_FALSE(value_of(open_blob(store_, digest('b'))));
  Partial part = value_of(writer.partial(digest('b')));
  (void)!::write(part.file().get(), "abc", 3);
  ASSERT_TRUE(writer.keep_blob(std::move(part), digest('b')));
  const auto blob = value_of(open_blob(store_, digest('b')));
  ASSERT_TRUE(blob);
  EXPECT_EQ(value_of(sys::stat_fd(*blob)).st_mode & 0777U, 0444U);
  EXPECT_EQ(value_of(sys::read_all(*blob, 10)), "abc");
}

TEST_F(WriterTest, one_process_at_a_time_fetches_a_blob_or_unpacks_a_layer) {
  const Writer writer = value_of(Writer::open(store_));
  const Partial part = value_of(writer.partial(digest('b')));
  const Lock lock = value_of(writer.lock_layer(kOneOwner, digest('a').hex()));
  Locks locks(value_of(sys::open_at(sys::cwd(), (path_ + "/locks").c_str(), O_DIRECTORY)));
  EXPECT_FALSE(value_of(locks.try_take(blob_lock(digest('b').hex()), LockMode::Exclusive)));
  EXPECT_FALSE(value_of(locks.try_take(cat("layer-one-", digest('a').hex()), LockMode::Exclusive)));
}

TEST_F(WriterTest, space_is_asked_for_first) {
  EXPECT_TRUE(check_space(store_, 1));
  const auto full = check_space(store_, UINT64_MAX);
  ASSERT_FALSE(full);
  EXPECT_TRUE(full.error().is(ENOSPC));
  EXPECT_NE(full.error().message().find("15.9 EiB are needed"), std::string::npos);
}

TEST_F(WriterTest, a_full_disk_proposes_another_place) {
  const Variable tmp("TMPDIR", dir_.path());
  const Variable scratch("SCRATCH", dir_.path());
  const Variable user("USER", "ana");
  for (const int code : {ENOSPC, EDQUOT}) {
    const std::string message = explain_full(store_, Error::because(code, "write layer")).message();
    EXPECT_NE(message.find(cat("--store ", dir_.path(), "/wolffia-ana, where ")), std::string::npos)
        << message;
  }
  EXPECT_EQ(explain_full(store_, Error::because(EIO, "write")).message(), "write");
}

}  // namespace
}  // namespace wolffia::image
