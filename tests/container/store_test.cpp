// SPDX-License-Identifier: Apache-2.0
#include "container/store.hpp"

#include <linux/magic.h>

#include "container/fixture.hpp"

namespace wolffia::container {
namespace {

namespace fs = std::filesystem;

TEST(ids, are_letters_digits_and_four_signs) {
  for (const char* good : {"a", "A-1_b+c.d", "...", "-", "0", ".x"})
    EXPECT_TRUE(check_id(good));
  EXPECT_TRUE(check_id(std::string(kIdLimit, 'a')));
  for (const char* bad : {"", ".", "..", "a/b", "/a", "../a", "a b", "a\n", "@a", "ä", "a\\b"})
    EXPECT_FALSE(check_id(bad)) << bad;
  EXPECT_FALSE(check_id(std::string(kIdLimit + 1, 'a')));
  EXPECT_FALSE(check_id(std::string_view("a\0b", 3)));
}

TEST_F(StoreTest, gives_back_what_was_recorded) {
  const StandIn init;
  record("box", init);
  const auto entry = store_.find("box");
  ASSERT_TRUE(entry);
  const auto state = entry->load();
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(state->init.pid, init.pid());
  EXPECT_EQ(*entry->config(), "{}");
  struct stat status {};
  ASSERT_EQ(::stat((root_ / "box").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(StoreTest, knows_no_container_that_is_not_there) {
  const auto missing = store_.find("box");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().is(ENOENT));
  EXPECT_EQ(missing.error().message(), "container box does not exist");
  EXPECT_TRUE(store_.erase_unreadable("box"));
}

TEST_F(StoreTest, reserves_an_id_once) {
  const auto first = store_.reserve("box");
  ASSERT_TRUE(first);
  const auto second = store_.reserve("box");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "container with id box exists already");
}

TEST_F(StoreTest, lets_one_of_eight_processes_win_an_id) {
  constexpr int kRunners = 8;
  int start[2];
  ASSERT_EQ(::pipe(start), 0);
  pid_t runners[kRunners];
  for (pid_t& runner : runners) {
    runner = ::fork();
    if (runner != 0) continue;
    char word = 0;
    ::close(start[1]);
    (void)!::read(start[0], &word, 1);
    auto won = store_.reserve("box");
    if (won) (void)std::move(*won).keep();
    ::_exit(won ? 0 : won.error().is(EEXIST) ? 1 : 2);
  }
  ::close(start[0]);
  ::close(start[1]);  // all at once
  int winners = 0;
  for (const pid_t runner : runners) {
    int status = 0;
    ASSERT_EQ(::waitpid(runner, &status, 0), runner);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_LE(WEXITSTATUS(status), 1);
    winners += WEXITSTATUS(status) == 0 ? 1 : 0;
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(StoreTest, leaves_nothing_of_an_abandoned_reservation) {
  const StandIn init;
  {
    auto reservation = store_.reserve("box");
    ASSERT_TRUE(reservation);
    ASSERT_TRUE(reservation->save_config("{}"));
    ASSERT_TRUE(reservation->trace(*identify(init.pid())));
    write_text(file("box", "something else"), "x");
    fs::create_directories(file("box", "deep/er"));
  }
  EXPECT_TRUE(empty());
}

TEST_F(StoreTest, does_not_remove_the_successor_of_a_reservation_that_was_forced_away) {
  {
    auto first = store_.reserve("box");
    ASSERT_TRUE(first);
    ASSERT_TRUE(store_.erase(*store_.find("box")));
    auto second = store_.reserve("box");
    ASSERT_TRUE(second);
    (void)std::move(*second).keep();
  }
  EXPECT_TRUE(store_.find("box"));
}

TEST_F(StoreTest, takes_its_trace_back_when_it_was_forced_away) {
  const StandIn init;
  {
    auto reservation = store_.reserve("box");
    ASSERT_TRUE(reservation);
    ASSERT_TRUE(store_.erase(*store_.find("box")));
    EXPECT_FALSE(reservation->trace(*identify(init.pid())));
  }
  EXPECT_TRUE(empty());
}

TEST_F(StoreTest, replaces_the_trace_of_a_dead_container) {
  const StandIn init;
  {
    StandIn dead;
    record("box", dead);
    dead.end();
  }
  fs::remove_all(root_ / "box");  // by hand: the trace stays
  record("box", init);
  EXPECT_EQ(store_.traces("box")->size(), 1U);
}

TEST_F(StoreTest, refuses_an_id_whose_directory_was_removed_while_it_runs) {
  const StandIn init;
  const StandIn other;
  record("box", init);
  fs::remove_all(root_ / "box");
  auto reservation = store_.reserve("box");
  ASSERT_TRUE(reservation);
  const auto traced = reservation->trace(*identify(other.pid()));
  ASSERT_FALSE(traced);
  EXPECT_TRUE(traced.error().is(EEXIST));
}

TEST_F(StoreTest, finds_init_by_any_one_trace) {
  const StandIn init;
  const Identity identity = *identify(init.pid());
  const auto only = [&] {
    const auto traces = store_.traces("box");
    return traces && *traces == std::vector{identity};
  };
  record("box", init);
  EXPECT_TRUE(only());
  write_text(file("box", "state.json"), "{");
  EXPECT_TRUE(only());
  write_text(file("box", "recovery"), "\xff");
  EXPECT_TRUE(only());
  write_text(file("box", "recovery"), encode_identity(identity));
  fs::remove(root_ / "@box");
  EXPECT_TRUE(only());
}

TEST_F(StoreTest, lists_containers_by_name_and_nothing_else) {
  const StandIn init;
  record("b", init);
  record("a", init);
  fs::create_directory(root_ / "@seccomp");
  EXPECT_EQ(*store_.ids(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(StoreTest, finds_ids_by_regular_expression) {
  const StandIn init;
  for (const char* id : {"web-1", "web-2", "db"})
    record(id, init);
  EXPECT_EQ(*store_.matching("^web-[0-9]$"), (std::vector<std::string>{"web-1", "web-2"}));
  EXPECT_EQ(*store_.matching("b$"), (std::vector<std::string>{"db"}));
  EXPECT_FALSE(store_.matching("("));
}

TEST_F(StoreTest, says_how_far_a_create_has_come) {
  auto reservation = store_.reserve("box");
  ASSERT_TRUE(reservation);
  const pid_t observer = ::fork();  // the mark is not visible to its own process
  if (observer == 0) {
    const auto seen = inspect(store_, "box");
    ::_exit(seen && seen->status == Status::Creating && seen->state.id == "box" ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(observer, &status, 0), observer);
  EXPECT_EQ(status, 0);
  (void)std::move(*reservation).keep();
  EXPECT_EQ(inspect(store_, "box")->status, Status::Stopped);  // as if its creator was killed
}

TEST_F(StoreTest, reports_damage_with_the_way_out) {
  const StandIn init;
  record("box", init);
  write_text(file("box", "state.json"), "{");
  const auto seen = inspect(store_, "box");
  ASSERT_FALSE(seen);
  EXPECT_NE(seen.error().message().find("delete --force box"), std::string::npos);
  ASSERT_TRUE(list(store_));
  EXPECT_EQ(list(store_)->size(), 1U);
}

TEST_F(StoreTest, refuses_the_state_of_another_container) {
  const StandIn init;
  record("box", init);
  record("other", init);
  fs::copy_file(file("other", "state.json"), file("box", "state.json"),
                fs::copy_options::overwrite_existing);
  EXPECT_FALSE(inspect(store_, "box"));
}

TEST_F(StoreTest, erases_more_levels_than_there_are_descriptors) {
  auto reservation = store_.reserve("box");
  ASSERT_TRUE(reservation);
  int at = ::open((root_ / "box").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 1100; ++i) {
    ASSERT_EQ(::mkdirat(at, "d", 0700), 0);
    const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (i % 3 == 1) {
      ASSERT_EQ(::fchmod(at, 0), 0);
    }
    ::close(at);
    at = next;
  }
  ::close(at);
  ASSERT_TRUE(store_.erase(*store_.find("box")));
  EXPECT_TRUE(empty());
}

TEST_F(StoreTest, erases_through_no_symbolic_link) {
  const TempDir elsewhere;
  write_text(elsewhere / "precious", "x");
  (void)store_.reserve("box").value().keep();
  fs::create_directory_symlink(elsewhere.path(), file("box", "link"));
  fs::create_directory_symlink(elsewhere.path(), file("box", "state.json"));
  ASSERT_TRUE(store_.erase(*store_.find("box")));
  EXPECT_EQ(read_text(elsewhere / "precious"), "x");
  EXPECT_TRUE(empty());
}

TEST(recovery, is_synced_where_files_outlive_the_machine) {
  for (const uint64_t memory : {uint64_t{TMPFS_MAGIC}, uint64_t{RAMFS_MAGIC}})
    EXPECT_FALSE(outlives_the_machine(memory)) << memory;
  for (const uint64_t disk :
       {uint64_t{EXT4_SUPER_MAGIC}, uint64_t{XFS_SUPER_MAGIC}, uint64_t{BTRFS_SUPER_MAGIC},
        uint64_t{NFS_SUPER_MAGIC}, uint64_t{OVERLAYFS_SUPER_MAGIC}, uint64_t{0}})
    EXPECT_TRUE(outlives_the_machine(disk)) << disk;
}

TEST(state_root, is_made_with_its_parents_and_private) {
  const TempDir base;
  const auto store = Store::open(base / "a/b/c");
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_EQ(fs::status(base / "a/b/c").permissions(), fs::perms::owner_all);
}

TEST(state_root, that_others_may_write_to_is_refused) {
  const TempDir base;
  fs::permissions(base.path(), fs::perms::all);
  const auto store = Store::open(base.path());
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().is(EPERM));
}

TEST(state_root, of_another_user_is_refused) {
  const auto store = Store::open("/proc/self/..");  // root's, whoever we are
  if (::geteuid() == 0) GTEST_SKIP() << "as root the directory is ours";
  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().is(EPERM));
}

}  // namespace
}  // namespace wolffia::container
