// SPDX-License-Identifier: Apache-2.0
#include "launch/fallback.hpp"

#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "sys/attributes.hpp"

namespace wolffia::launch {
namespace {

struct Row {
  std::string_view name;
  NewCall call;
  uint8_t needs;  // the calls without which this one is of no use
};

constexpr uint8_t bit(NewCall call) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(call));
}

// mount(2) can neither move a detached tree nor change its attributes; those of a new file system
// are given when it is mounted.
constexpr uint8_t kForDetached = bit(NewCall::MoveMount) | bit(NewCall::MountSetattr);

constexpr std::array kRows{
    Row{"openat2", NewCall::Openat2, 0},
    Row{"open_tree", NewCall::OpenTree, kForDetached},
    Row{"open_tree_attr", NewCall::OpenTreeAttr,
        bit(NewCall::OpenTree) | bit(NewCall::MoveMount) | bit(NewCall::MountSetattr)},
    Row{"fsopen", NewCall::Fsopen, bit(NewCall::MoveMount)},
    Row{"move_mount", NewCall::MoveMount, 0},
    Row{"mount_setattr", NewCall::MountSetattr, 0},
    Row{"clone3", NewCall::Clone3, 0},
    Row{"close_range", NewCall::CloseRange, 0},
};

/// The calls named in a list such as "openat2,fsopen".
uint8_t forced(const char* list) {
  uint8_t missing = 0;
  std::string_view rest = list ? list : "";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(','), rest.size());
    for (const Row& row : kRows)
      if (row.name == rest.substr(0, end)) missing |= bit(row.call);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return missing;
}

/// Bits of the calls not to be used. One process, no threads.
uint8_t& missing_calls() {
  static uint8_t missing = forced(::secure_getenv("WOLFFIA_FORCE_FALLBACK"));
  return missing;
}

/// openat2(2) gives up with EAGAIN when a path with ".." meets a rename or mount anywhere on the
/// machine; one that is kept busy by someone must not stop us.
constexpr int kTries = 8;

Result<sys::InRoot> open_by_steps(const sys::Fd& root, const char* path, int flags) {
  sys::Walked walked = TRY(sys::walk_in_root(root, path, flags));
  if (walked.missing.empty()) return std::move(walked.at);
  errno = ENOENT;
  return Error::last("openat");
}

}  // namespace

bool usable(NewCall call) {
  const uint8_t missing = missing_calls();
  for (const Row& row : kRows)
    if (row.call == call) return (missing & (bit(call) | row.needs)) == 0;
  return false;
}

bool lacks(NewCall call, const Error& error) {
  // Some seccomp profiles answer EPERM for openat2, which O_PATH never does itself.
  const bool lacking = error.is(ENOSYS) || (call == NewCall::Openat2 && error.is(EPERM));
  if (lacking) missing_calls() |= bit(call);
  return lacking;
}

Result<sys::InRoot> open_inside(const sys::Fd& root, const char* path, int flags) {
  for (int i = 0; i < kTries && usable(NewCall::Openat2); ++i) {
    auto opened = sys::open_in_root(root, path, flags);
    if (opened) return opened;
    if (!opened.error().is(EAGAIN) && !lacks(NewCall::Openat2, opened.error())) return opened;
  }
  return open_by_steps(root, path, flags);
}

Result<void> close_descriptors(int first, int last) {
  if (usable(NewCall::CloseRange)) {
    auto closed = sys::close_between(first, last);
    if (closed || !lacks(NewCall::CloseRange, closed.error())) return closed;
  }
  return sys::close_each(first, last);
}

}  // namespace wolffia::launch
