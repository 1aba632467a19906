// SPDX-License-Identifier: Apache-2.0
#include "overlay/claim.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>

#include "base/quote.hpp"
#include "overlay/descriptors.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"

namespace wolffia::overlay {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// umount(2) does not wait until the daemon has ended.
constexpr auto kPatience = 3s;
constexpr int kPause = 5;  // milliseconds

bool is_same(const sys::Fd& one, const sys::Fd& other) {
  const auto a = sys::stat_fd(one);
  const auto b = sys::stat_fd(other);
  return a && b && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/// False where somebody else has it to the end. A refusal says nothing of others: ENOLCK, ENOSYS or
/// EOPNOTSUPP of file systems on a network.
bool lock_until(const sys::Fd& directory, Clock::time_point end) {
  while (true) {
    const auto locked = sys::try_lock(directory);
    if (!locked || *locked) return true;
    if (Clock::now() >= end) return false;
    (void)::poll(nullptr, 0, kPause);
  }
}

/// What people know it by.
std::string name_of(const std::string& path) {
  if (descriptor_of(path) < 0) return quoted_if_needed(path);
  const auto target = sys::read_link(path.c_str());
  return quoted_if_needed(target ? *target : path);
}

}  // namespace

Result<Claim> Claim::take(const Options& options) {
  Claim claim;
  struct Place {
    const char* option;
    const std::string& path;
  };
  const Clock::time_point end = Clock::now() + kPatience;
  for (const Place& it : {Place{"upperdir", options.upper}, Place{"workdir", options.work}}) {
    if (it.path.empty()) continue;
    auto directory = sys::open_at(sys::cwd(), it.path.c_str(), O_RDONLY | O_DIRECTORY);
    if (!directory) continue;
    if (!claim.directories_.empty() && is_same(claim.directories_.front(), *directory)) continue;
    if (!lock_until(*directory, end))
      return Error::because(EBUSY, cat(it.option, " ", name_of(it.path),
                                       " is in use by another mount: unmount that one first, or "
                                       "give this one an upperdir and a workdir of its own"));
    claim.directories_.push_back(std::move(*directory));
  }
  return claim;
}

std::vector<int> Claim::descriptors() const {
  std::vector<int> numbers;
  numbers.reserve(directories_.size());
  for (const sys::Fd& directory : directories_)
    numbers.push_back(directory.get());
  return numbers;
}

void Claim::release() {
  for (const sys::Fd& directory : directories_)
    (void)sys::unlock_open_file(directory);
  directories_.clear();
}

}  // namespace wolffia::overlay
