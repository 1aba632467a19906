// SPDX-License-Identifier: Apache-2.0
#include "image/settle.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/find.hpp"
#include "image/gc.hpp"
#include "image/layer_list.hpp"
#include "image/store_files.hpp"
#include "image/store_support.hpp"
#include "image/sweep.hpp"
#include "sys/directory.hpp"
#include "sys/process_facts.hpp"

namespace wolffia::image {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOtherBoot = "01234567-89ab-cdef-0123-456789abcdef";

/// A store with an image '1' of layer 'a' that is on disk, and '2' of layer 'b' that is not.
class SettleTest : public ::testing::Test {
 protected:
  SettleTest() {
    const Writer writer = value_of(Writer::open(store_));
    add_layer(writer, 'a');
    add_named(writer, '1', "a", "h.x/old:1");
    value_of(settle(store_, IfBusy::Wait));
    add_layer(writer, 'b');
    add_named(writer, '2', "b", "h.x/new:1");
  }
  static void add_named(const Writer& writer, char digit, std::string_view layers,
                        std::string_view name) {
    add_image(writer, digit, layers, kOneOwner, reference(name));
  }
  std::string record(char digit, std::string_view owners = kOneOwner) const {
    return cat(path_, "/", layers_path(digest(digit), owners));
  }
  std::string image(char digit) const { return cat(path_, "/", image_path(digest(digit))); }
  static std::string of_boot(std::string_view boot, std::string_view mark, char layer) {
    return cat("boot ", boot, " ", mark, "\n5\n", digest(layer).hex(), "\n");
  }
  /// As if the machine had stopped before '2' was on disk.
  void lose(std::string_view mark = "") const {
    const std::string own = cat(machine_word(), "-0.1");
    write_text(record('2'), of_boot(kOtherBoot, mark.empty() ? std::string_view(own) : mark, 'b'));
    write_text(cat(path_, "/", layer_path(kOneOwner, digest('b').hex()), "/meta"),
               cat(digest('b').text(), "\n5\n1\n", kOtherBoot, "\n"));
  }
  bool found(std::string_view name) const {
    return value_of(store_.find(reference(name), kOneOwner)).has_value();
  }
  uint64_t waiting() const { return value_of(unsettled(store_)).images; }
  /// Another process that has the lock of who settles, until it is killed.
  pid_t settle_for_ever() const {
    int ready[2] = {};
    EXPECT_EQ(::pipe(ready), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      Locks locks(value_of(sys::open_directory(store_.directory(), kLocks)));
      const Lock lock = value_of(locks.take(kSettleLock, LockMode::Exclusive));
      (void)!::write(ready[1], "x", 1);
      for (;;)
        ::pause();
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
    return pid;
  }

  TempDir dir_;
  std::string path_ = dir_ / "store";
  Store store_ = value_of(Store::open(path_));
};

TEST_F(SettleTest, an_image_is_known_before_it_is_on_disk) {
  EXPECT_TRUE(found("h.x/new:1"));
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(value_of(unsettled(store_)).bytes, 5U);
  EXPECT_TRUE(read_text(record('2')).starts_with(cat("boot ", sys::read_boot_id(), " ")));
  value_of(settle(store_, IfBusy::Leave));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(read_text(record('2')), cat("5\n", digest('b').hex(), "\n"));
  EXPECT_TRUE(found("h.x/new:1"));
}

TEST_F(SettleTest, an_image_of_another_boot_is_not_there) {
  lose();
  EXPECT_FALSE(found("h.x/new:1"));
  EXPECT_TRUE(found("h.x/old:1"));
  EXPECT_FALSE(value_of(store_.find_id(digest('2').text(), kOneOwner)));
  EXPECT_FALSE(value_of(store_.find_id(std::string(12, '2'), kOneOwner)));
  EXPECT_FALSE(value_of(store_.has(digest('2'))));
  EXPECT_EQ(value_of(store_.list()), (std::vector<Tagged>{{"h.x/old:1", digest('1'), false}}));
  EXPECT_TRUE(store_.tag(reference("h.x/more:1"), digest('2')).error().is(ENOENT));
  EXPECT_EQ(waiting(), 0U) << "nobody can settle it any more";
}

TEST_F(SettleTest, who_names_such_an_image_is_told_to_pull_it_again) {
  lose();
  for (const std::string& name : {std::string("h.x/new:1"), std::string(digest('2').text())})
    EXPECT_EQ(missing_image(store_, name).message(),
              cat("image ", name, " was not on disk yet when the machine stopped: pull it again"));
  EXPECT_EQ(missing_image(store_, "h.x/none:1").message(),
            "there is no image h.x/none:1 in the store: see wolffia images");
}

TEST_F(SettleTest, the_next_writer_removes_such_an_image_and_believes_none_of_its_layers) {
  lose();
  const Writer writer = value_of(Writer::open(store_));
  EXPECT_FALSE(fs::exists(image('2')));
  EXPECT_TRUE(fs::exists(image('1')));
  EXPECT_FALSE(value_of(writer.find_layer(kOneOwner, digest('b').hex())));
  add_layer(writer, 'b');
  add_named(writer, '2', "b", "h.x/new:1");
  EXPECT_TRUE(found("h.x/new:1"));
}

TEST_F(SettleTest, gc_removes_such_an_image_with_its_name_and_layers) {
  lose();
  value_of(collect(store_));
  EXPECT_FALSE(fs::exists(image('2')));
  EXPECT_FALSE(fs::exists(path_ + "/refs/h.x%2Fnew:1"));
  EXPECT_FALSE(fs::exists(cat(path_, "/", layer_path(kOneOwner, digest('b').hex()))));
  EXPECT_TRUE(found("h.x/old:1"));
}

TEST_F(SettleTest, what_another_machine_may_be_about_to_settle_is_left_alone_for_a_day) {
  lose("00000000-0123456789abcdef.1");
  { const Writer writer = value_of(Writer::open(store_)); }
  EXPECT_TRUE(fs::exists(image('2')));
  EXPECT_FALSE(found("h.x/new:1"));
  fs::last_write_time(record('2'), fs::file_time_type::clock::now() - std::chrono::hours(25));
  { const Writer writer = value_of(Writer::open(store_)); }
  EXPECT_FALSE(fs::exists(image('2')));
}

TEST_F(SettleTest, an_image_that_was_lost_is_pulled_over) {
  lose("00000000-0123456789abcdef.1");
  write_text(image('2') + "/config", "");  // torn as well
  const Writer writer = value_of(Writer::open(store_));
  add_layer(writer, 'b');
  add_image(writer, '2', "b");
  EXPECT_EQ(read_text(image('2') + "/config"), kConfigText);
  EXPECT_TRUE(found("h.x/new:1"));
}

TEST_F(SettleTest, torn_records_count_as_not_there_and_block_nothing) {
  const std::string whole = read_text(record('2'));
  const std::string ref = path_ + "/refs/h.x%2Fnew:1";
  for (const std::string& text :
       {std::string(), std::string(whole.size(), '\0'), whole.substr(0, 9), whole.substr(0, 60),
        whole.substr(0, whole.size() - 1)}) {
    write_text(record('2'), text);
    write_text(ref, text.substr(0, 20));
    EXPECT_FALSE(found("h.x/new:1")) << text;
    EXPECT_EQ(value_of(store_.list()).size(), 1U) << text;
    EXPECT_EQ(value_of(unsettled(store_)).images, 0U) << text;
    {
      const Writer writer = value_of(Writer::open(store_));
      EXPECT_FALSE(fs::exists(image('2'))) << text;
      add_named(writer, '2', "b", "h.x/new:1");
    }
    EXPECT_TRUE(found("h.x/new:1")) << text;
    write_text(record('2'), text);
    write_text(ref, text.substr(0, 20));
    value_of(collect(store_));
    EXPECT_FALSE(fs::exists(ref) || fs::exists(image('2'))) << text;
    const Writer writer = value_of(Writer::open(store_));
    add_layer(writer, 'b');
    add_named(writer, '2', "b", "h.x/new:1");
  }
  EXPECT_TRUE(found("h.x/old:1"));
}

TEST_F(SettleTest, a_torn_record_of_other_owners_takes_only_itself_away) {
  write_text(record('1', "ids-1"), "");
  { const Writer writer = value_of(Writer::open(store_)); }
  EXPECT_FALSE(fs::exists(record('1', "ids-1")));
  EXPECT_TRUE(found("h.x/old:1"));
}

TEST_F(SettleTest, what_is_on_disk_is_not_given_up_for_what_is_not) {
  const Writer writer = value_of(Writer::open(store_));
  add_named(writer, '1', "a", "h.x/again:1");
  EXPECT_EQ(read_text(record('1')), cat("5\n", digest('a').hex(), "\n"));
  add_image(writer, '1', "ab");  // of other layers: it is on disk when this returns
  EXPECT_EQ(read_text(record('1')), cat("10\n", digest('a').hex(), "\n", digest('b').hex(), "\n"));
  add_layer(writer, 'a', 5, "ids-1");
  add_image(writer, '1', "a", "ids-1");
  EXPECT_TRUE(read_text(record('1', "ids-1")).starts_with("boot "));
  EXPECT_EQ(waiting(), 2U);
}

TEST_F(SettleTest, one_at_a_time_settles_and_the_others_leave_it_to_that_one) {
  const pid_t other = settle_for_ever();
  value_of(settle(store_, IfBusy::Leave));
  EXPECT_EQ(waiting(), 1U);
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  value_of(settle(store_, IfBusy::Leave));
  EXPECT_EQ(waiting(), 0U) << "who was killed is in nobody's way";
}

TEST_F(SettleTest, gc_waits_for_no_disk_of_who_settles) {
  const pid_t other = settle_for_ever();
  EXPECT_EQ(value_of(collect(store_)).images, 0U);
  EXPECT_TRUE(found("h.x/new:1"));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

}  // namespace
}  // namespace wolffia::image
