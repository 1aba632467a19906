// SPDX-License-Identifier: Apache-2.0
// A pull is killed at every one of its system calls; with sanitizers at some. Whichever it was:
// what was there is there, a name that is given has its whole image, gc leaves what was there
// before or what a pull that was not killed leaves, and the next pull succeeds.
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/gc.hpp"
#include "image/settle.hpp"
#include "image/store_files.hpp"
#include "image/store_support.hpp"
#include "support/sanitized.hpp"

namespace wolffia::image {
namespace {

namespace fs = std::filesystem;

/// What a pull does to a store: two layers, of which one is there already, with an interrupted
/// blob.
void pull(const std::string& path) {
  const Store store = value_of(Store::open(path));
  const Writer writer = value_of(Writer::open(store));
  const std::string key(digest('b').hex());
  {
    const Lock lock = value_of(writer.lock_layer(kOneOwner, key));
    if (!value_of(writer.find_layer(kOneOwner, key))) {
      Partial part = value_of(writer.partial(digest('c')));
      value_of(sys::write_all(part.file(), "compressed"));
      add_layer(writer, 'b');
      value_of(std::move(part).discard());
    }
  }
  add_image(writer, '1', "ab", kOneOwner, reference("h.x/new:1"));
  value_of(settle(store, IfBusy::Leave));
}

/// Runs pull() in a child and kills it where it enters its `count`th system call. False: there were
/// not as many.
bool pull_killed_at(const std::string& path, int count) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    pull(path);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  bool ended = false;
  for (int stops = 0; stops < 2 * count - 1 && !ended; ++stops) {  // one at entry, one at exit
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
    ::waitpid(pid, &status, 0);
    ended = WIFEXITED(status) || WIFSIGNALED(status);
  }
  if (ended) {
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return false;
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
  return true;
}

/// Everything but the lock file that stays.
std::string contents(const std::string& path) {
  std::string text = listing(path);
  constexpr std::string_view kStays = "locks/store\n";
  if (const size_t at = text.find(kStays); at != std::string::npos) text.erase(at, kStays.size());
  return text;
}

/// What a killed process was writing is told from what a living one writes by its age.
void let_time_pass(const std::string& path) {
  const auto before = fs::file_time_type::clock::now() - std::chrono::hours(2);
  const auto age = [&](const fs::path& directory) {
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.path().filename().string().starts_with('.')) fs::last_write_time(entry, before);
  };
  for (const char* directory : {"/locks", "/refs", ""})
    age(path + directory);
  for (const auto& image : fs::directory_iterator(path + "/images"))
    age(image.path());
}

class KillTest : public ::testing::TestWithParam<const char*> {
 protected:
  void make_store(const std::string& path) const {
    fs::remove_all(path);
    const Store store = value_of(Store::open(path));
    {
      const Writer writer = value_of(Writer::open(store));
      add_layer(writer, 'a');
      add_image(writer, '0', "a");
      value_of(store.tag(reference("h.x/old:1"), digest('0')));
    }
    value_of(collect(store));
  }

  void check(const std::string& path, int count) const {
    const Store store = value_of(Store::open(path));
    EXPECT_TRUE(value_of(store.find(reference("h.x/old:1"), kOneOwner))) << count;
    const bool named = value_of(store.find(reference("h.x/new:1"), kOneOwner)).has_value();
    EXPECT_EQ(named ? check_image(store) : "", "") << count;
    let_time_pass(path);
    EXPECT_TRUE(value_of(collect(store)).left.empty());
    EXPECT_EQ(contents(path), named ? complete_ : before_) << count;
    EXPECT_EQ(value_of(store.find(reference("h.x/new:1"), kOneOwner)).has_value(), named) << count;
    pull(path);
    value_of(collect(store));
    EXPECT_EQ(contents(path), complete_) << count;
  }

  static std::string check_image(const Store& store) {
    const auto image = value_of(store.find(reference("h.x/new:1"), kOneOwner));
    for (const std::string& tree : image->layers)
      if (read_text(tree + "/file") != "xxxxx") return tree;
    return image->layers.size() == 2 ? "" : "layers";
  }

  Variable in_memory_{"TMPDIR", "/dev/shm"};  // thousands of syncs
  TempDir dir_;
  Variable fallback_{"WOLFFIA_FORCE_FALLBACK", GetParam()};
  std::string before_, complete_;
};

TEST_P(KillTest, a_pull_killed_at_any_system_call_leaves_a_usable_store) {
  const std::string path = dir_ / "store";
  make_store(path);
  before_ = contents(path);
  pull(path);
  value_of(collect(value_of(Store::open(path))));
  complete_ = contents(path);
  ASSERT_NE(before_, complete_);
  int step = *GetParam() ? 3 : 1;  // half of them are the same calls
  if (test::kSanitized) step *= 5;
  int count = 1;
  make_store(path);
  for (; pull_killed_at(path, count) && !HasFailure(); count += step) {
    check(path, count);
    make_store(path);
  }
  EXPECT_GT(count, 50);
}

INSTANTIATE_TEST_SUITE_P(locks, KillTest, ::testing::Values("", "flock"), [](const auto& test) {
  return std::string(*test.param ? "links" : "flock");
});

}  // namespace
}  // namespace wolffia::image
