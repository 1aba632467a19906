// SPDX-License-Identifier: Apache-2.0
#include "container/remove.hpp"

#include "container/fixture.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

namespace fs = std::filesystem;

class RemoveTest : public StoreTest {
 protected:
  Result<void> remove_box(Force force) {
    return remove(store_, "box", force,
                  [this](std::string_view text) { told_.emplace_back(text); });
  }
  oci::Hook hook(const std::string& script) {
    oci::Hook one;
    one.path = "/bin/sh";
    one.args = {"sh", "-c", script};
    return one;
  }
  std::vector<std::string> told_;
  TempDir marks_;
};

TEST_F(RemoveTest, takes_a_stopped_container_away) {
  StandIn init;
  record("box", init);
  init.end();
  EXPECT_TRUE(remove_box(Force::No));
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, refuses_a_running_container) {
  const StandIn init;
  record("box", init);
  const auto removed = remove_box(Force::No);
  ASSERT_FALSE(removed);
  EXPECT_NE(removed.error().message().find("box is running"), std::string::npos);
  EXPECT_TRUE(init.alive());
  EXPECT_FALSE(empty());
}

TEST_F(RemoveTest, ends_a_created_container) {
  const StandIn init(StandIn::Like::WaitingAtGate);
  record("box", init);
  EXPECT_TRUE(remove_box(Force::No));
  EXPECT_FALSE(init.alive());
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, ends_a_running_container_by_force) {
  const StandIn init;
  record("box", init);
  EXPECT_TRUE(remove_box(Force::Yes));
  EXPECT_FALSE(init.alive());
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, of_a_missing_container_is_an_error_without_force) {
  const auto removed = remove_box(Force::No);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message(), "container box does not exist");
  EXPECT_TRUE(remove_box(Force::Yes));
}

TEST_F(RemoveTest, refuses_a_bad_id_even_by_force) {
  EXPECT_FALSE(remove(store_, "../box", Force::Yes, [](std::string_view) {}));
}

TEST_F(RemoveTest, spares_the_process_that_has_the_pid_now) {
  const StandIn stranger;
  State state = state_of("box", stranger.pid());
  state.init.start_time += 1;
  record(state);
  EXPECT_TRUE(remove_box(Force::Yes));
  EXPECT_TRUE(stranger.alive());
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, spares_processes_after_a_reboot) {
  const StandIn stranger;
  State state = state_of("box", stranger.pid());
  state.init.boot_id = "00000000-0000-0000-0000-000000000000";
  record(state);
  EXPECT_TRUE(remove_box(Force::No));  // stopped, so no force is needed
  EXPECT_TRUE(stranger.alive());
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, runs_every_poststop_hook_though_one_fails) {
  StandIn init;
  State state = state_of("box", init.pid());
  state.poststop = {hook("cat > " + (marks_ / "first")), hook("exit 3"),
                    hook("touch " + (marks_ / "last"))};
  record(state);
  init.end();
  EXPECT_TRUE(remove_box(Force::No));
  EXPECT_NE(read_text(marks_ / "first").find(R"("id":"box","status":"stopped")"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(marks_ / "last"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("status 3"), std::string::npos);
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, survives_a_poststop_hook_that_does_not_read) {
  StandIn init;
  State state = state_of("box", init.pid());
  state.annotations = {{"large", std::string(1 << 20, 'x')}};
  state.poststop = {hook("exec <&-; exit 0")};
  record(state);
  init.end();
  EXPECT_TRUE(remove_box(Force::No));
  EXPECT_TRUE(told_.empty());
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, runs_poststop_hooks_once_for_eight_callers) {
  StandIn init;
  State state = state_of("box", init.pid());
  state.poststop = {hook("echo x >> " + (marks_ / "count") + "; sleep 0.2")};
  record(state);
  init.end();
  pid_t callers[8];
  for (pid_t& caller : callers) {
    caller = ::fork();
    if (caller == 0) ::_exit(remove_box(Force::Yes) ? 0 : 1);
  }
  for (const pid_t caller : callers) {
    int status = 0;
    ASSERT_EQ(::waitpid(caller, &status, 0), caller);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(read_text(marks_ / "count"), "x\n");
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, ends_the_runtime_that_is_creating_the_container) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t creator = ::fork();
  if (creator == 0) {
    [[maybe_unused]] const auto reservation = store_.reserve("box");
    const pid_t init = ::fork();
    if (init == 0) {
      // Holds `ready` open for as long as it lives.
      for (;;)
        ::pause();
    }
    (void)!::write(ready[1], "x", 1);
    for (;;)
      ::pause();
  }
  ::close(ready[1]);
  char word = 0;
  ASSERT_EQ(::read(ready[0], &word, 1), 1);
  EXPECT_FALSE(remove_box(Force::No));
  EXPECT_TRUE(remove_box(Force::Yes));
  EXPECT_EQ(::read(ready[0], &word, 1), 0) << "what it had started lives on";
  ::close(ready[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(creator, &status, 0), creator);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(empty());
}

TEST_F(RemoveTest, ends_descendants_where_the_pid_namespace_is_not_its_own) {
  int alive[2];
  ASSERT_EQ(::pipe2(alive, O_CLOEXEC), 0);
  const pid_t init = ::fork();
  if (init == 0) {
    if (::fork() == 0) ::setsid();
    for (;;)
      ::pause();
  }
  ::close(alive[1]);
  State state = state_of("box", init);
  state.own_pid_namespace = false;
  record(state);
  EXPECT_TRUE(remove_box(Force::Yes));
  char word = 0;
  EXPECT_EQ(::read(alive[0], &word, 1), 0) << "a descendant lives on";
  ::close(alive[0]);
  ::waitpid(init, nullptr, 0);
  EXPECT_TRUE(empty());
}

}  // namespace
}  // namespace wolffia::container
