// SPDX-License-Identifier: Apache-2.0
#include "cgroup/group.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/words.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::cgroup {
namespace {

constexpr size_t kFileLimit = size_t{16} << 20U;
constexpr size_t kMostBelow = 100'000;
constexpr const char* kEvents = "cgroup.events";
constexpr mode_t kMode = 0755;
/// Of kernels that do not say. Source: cgroups(7).
constexpr std::string_view kUsuallyDelegated =
    "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n";
constexpr std::chrono::seconds kDeathPatience{10};

/// The path of `path` below the root of the hierarchy, as openat(2) takes it.
const char* below_root(const std::string& path) {
  return path == "/" ? "." : path.c_str() + 1;
}

Result<std::vector<std::string>> children(const sys::Fd& directory) {
  std::vector<std::string> found;
  for (std::string& name : TRY(sys::entry_names(directory, kMostBelow))) {
    const auto status = sys::stat_entry(directory, name.c_str());
    if (status && S_ISDIR(status->st_mode)) found.push_back(std::move(name));
  }
  return found;
}

Result<void> add_processes(const sys::Fd& directory, std::vector<pid_t>& pids) {
  const std::string text = TRY(sys::read_file(directory, "cgroup.procs", kFileLimit));
  for (Words lines(text, '\n'); !lines.empty();) {
    pid_t pid = 0;  // 0: of another pid namespace
    if (read_number(lines.next(), pid) && pid > 0) pids.push_back(pid);
  }
  for (const std::string& name : TRY(children(directory))) {
    const auto child = sys::open_at(directory, name.c_str(), O_RDONLY | O_DIRECTORY);
    if (child) TRY(add_processes(*child, pids));  // else it was removed meanwhile
  }
  return {};
}

Result<void> empty(const sys::Fd& directory) {
  for (const std::string& name : TRY(children(directory))) {
    const auto child = sys::open_at(directory, name.c_str(), O_RDONLY | O_DIRECTORY);
    if (child) TRY(empty(*child));
    auto removed = sys::remove_directory(directory, name.c_str());
    if (!removed && !removed.error().is(ENOENT)) return removed;
  }
  return {};
}

}  // namespace

Result<Group> Group::open(const Hierarchy& hierarchy, std::string path) {
  sys::Fd directory =
      TRY(sys::open_at(hierarchy.root, below_root(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
          "cgroup ", hierarchy.shown(path));
  return Group(std::move(path), std::move(directory));
}

Result<Group> Group::make_below(const std::string& name) const {
  auto made = sys::make_directory(directory_, name.c_str(), kMode);
  if (!made && !made.error().is(EEXIST)) return std::move(made).error();
  sys::Fd directory = TRY(
      sys::open_at(directory_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), "cgroup ", name);
  return Group(path_ == "/" ? cat("/", name) : cat(path_, "/", name), std::move(directory));
}

Result<void> Group::give_to(uint32_t uid) const {
  auto listed = sys::read_file(sys::cwd(), "/sys/kernel/cgroup/delegate", kFileLimit);
  const std::string names = listed ? std::move(listed).value() : std::string(kUsuallyDelegated);
  for (Words lines(names, '\n'); !lines.empty();) {
    const std::string name(lines.next());
    // One of a controller that is not enabled here, or was not there when the kernel was built.
    if (auto given = sys::change_entry_owner(directory_, name.c_str(), uid, UINT32_MAX);
        !given && !given.error().is(ENOENT))
      return std::move(given).error().context(name);
  }
  return sys::change_owner(directory_, uid, UINT32_MAX);
}

Result<std::string> Group::read(const std::string& file) const {
  std::string text = TRY(sys::read_file(directory_, file.c_str(), kFileLimit));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<void> Group::write(const std::string& file, std::string_view value) const {
  return sys::write_existing(directory_, file.c_str(), value);
}

Result<uint64_t> Group::number(const std::string& file, std::string_view key) const {
  const std::string text = TRY(read(file));
  for (Words lines(text, '\n'); !lines.empty();) {
    Words words(lines.next());
    uint64_t value = 0;
    if (words.next() == key && read_number(words.next(), value)) return value;
  }
  return Error::because(ENOENT, cat(file, " has no ", key));
}

Result<bool> Group::populated() const {
  return TRY(number(kEvents, "populated")) != 0;
}

Result<bool> Group::frozen() const {
  const auto asked = read("cgroup.freeze");
  if (asked && *asked == "1") return true;
  const auto is = number(kEvents, "frozen");
  return is && *is != 0;
}

Result<std::vector<pid_t>> Group::processes() const {
  std::vector<pid_t> pids;
  TRY(add_processes(directory_, pids));
  std::sort(pids.begin(), pids.end());
  return pids;
}

/// The kernel marks the file as changed each time a line does, which poll(2) tells.
Result<void> Group::await(std::string_view key, uint64_t value,
                          std::chrono::milliseconds patience) const {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + patience;
  const sys::Fd events = TRY(sys::open_at(directory_, kEvents, O_RDONLY));
  for (;;) {
    TRY(sys::rewind(events));
    (void)TRY(sys::read_all(events, kFileLimit));
    if (TRY(number(kEvents, key)) == value) return {};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0)
      return Error::because(EBUSY, cat("cgroup ", path_, " did not become ", key, " ", value,
                                       " within ", patience.count(), " ms"));
    TRY(sys::changed_within(events, left));
  }
}

Result<void> Group::freeze(std::chrono::milliseconds patience) const {
  TRY(write("cgroup.freeze", "1"));
  auto done = await("frozen", 1, patience);
  if (!done) (void)thaw();
  return done;
}

Result<void> Group::thaw() const {
  return write("cgroup.freeze", "0");
}

Result<void> Group::drain(std::chrono::milliseconds patience) const {
  return await("populated", 0, patience);
}

Result<void> Group::kill() const {
  if (!TRY(populated())) return {};
  auto told = write("cgroup.kill", "1");
  if (!told && !told.error().is(ENOENT)) return told;
  if (told) return drain(kDeathPatience);
  (void)write("cgroup.freeze", "1");  // none is born meanwhile; SIGKILL ends frozen ones too
  for (const pid_t pid : TRY(processes()))
    if (const auto process = sys::open_pidfd(pid); process)
      (void)sys::send_signal(*process, SIGKILL);
  (void)thaw();
  return drain(kDeathPatience);
}

Result<void> remove(const Hierarchy& hierarchy, const std::string& path) {
  const auto directory =
      sys::open_at(hierarchy.root, below_root(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory && directory.error().is(ENOENT)) return {};
  if (!directory) return directory.error();
  TRY(empty(*directory));
  auto removed = sys::remove_directory(hierarchy.root, below_root(path));
  if (!removed && removed.error().is(ENOENT)) return {};
  return removed;
}

}  // namespace wolffia::cgroup
