// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "container/store.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::container {

using test::read_text;
using test::TempDir;
using test::write_text;

/// A child that stands in for a container's init, until end() or the end of the test.
class StandIn {
 public:
  enum class Like : bool { WaitingAtGate, RunningProgram };

  explicit StandIn(Like like = Like::RunningProgram) {
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) < 0) ADD_FAILURE() << "pipe2";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ready[0]);
      if (like == Like::RunningProgram) ::execl("/bin/sleep", "sleep", "1000", nullptr);
      (void)!::write(ready[1], "x", 1);
      for (;;)
        ::pause();
    }
    ::close(ready[1]);
    char word = 0;
    (void)!::read(ready[0], &word, 1);  // a byte, or the end of file by exec
    ::close(ready[0]);
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn() { end(); }

  pid_t pid() const { return pid_; }
  bool alive() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }
  /// Kills and reaps it.
  void end() {
    if (reaped_) return;
    reaped_ = true;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  /// Kills it and leaves a zombie.
  void end_unreaped() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  pid_t pid_ = 0;
  bool reaped_ = false;
};

/// A store of its own, and a way to record stand-ins in it as containers.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : store_(open_store(root_.path())) {}

  State state_of(const std::string& id, pid_t pid) {
    State state;
    state.id = id;
    if (auto init = identify(pid)) state.init = std::move(init).value();
    state.bundle = "/bundle";
    state.rootfs = "/bundle/rootfs";
    state.created = timestamp_now();
    state.owner = ::geteuid();
    // The stand-in has no pid namespace; but it has no children either, so its end is the end.
    state.own_pid_namespace = true;
    return state;
  }

  void record(const State& state) {
    auto reservation = store_.reserve(state.id);
    ASSERT_TRUE(reservation) << reservation.error().message();
    ASSERT_TRUE(reservation->save_config("{}"));
    ASSERT_TRUE(reservation->trace(state.init));
    ASSERT_TRUE(reservation->record(state));
    (void)std::move(*reservation).keep();
  }
  void record(const std::string& id, const StandIn& init) { record(state_of(id, init.pid())); }

  std::string file(const std::string& id, const std::string& name) const {
    return root_ / (id + "/" + name);
  }
  /// True when nothing of any container is left in the store.
  bool empty() const { return std::filesystem::is_empty(root_.path()); }

  TempDir root_;
  Store store_;

 private:
  static Store open_store(const std::string& path) {
    auto store = Store::open(path);
    if (!store) throw std::runtime_error(store.error().message());
    return std::move(store).value();
  }
};

}  // namespace wolffia::container
