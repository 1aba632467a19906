// SPDX-License-Identifier: Apache-2.0
#include "image/layer/confine.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>

#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/namespace.hpp"
#include "sys/path.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::image {
namespace {

constexpr uint64_t bit(int capability) {
  return uint64_t{1} << capability;
}

/// To set owners, to work in directories that are others' then, to keep set-id bits and to set file
/// capabilities. A caller that owns everything needs only the last, and only where he has it.
constexpr uint64_t kArchiveOwners =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_SETFCAP);
constexpr uint64_t kCallerOwns = bit(CAP_SETFCAP);

/// Heap, stacks and a zstd window of 64 MiB.
constexpr uint64_t kMostMemory = uint64_t{512} << 20;

/// Sanitizers take terabytes for themselves, and report to standard error.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

struct Cell {
  const sys::Fd& stream;
  const sys::Fd& answer;
  sys::Fd& tree;
  Owners owners;
};

Result<void> enter_tree(Cell& cell) {
  return sys::change_directory_to(cell.tree);
}

Result<void> leave_namespaces(Cell& /*cell*/) {
  const uint64_t held = TRY(sys::effective_capabilities());
  if ((held & bit(CAP_SYS_ADMIN)) == 0) TRY(sys::unshare_user());
  TRY(sys::unshare_namespaces(CLONE_NEWNS));
  // The filter lets nothing near these two anyway: where there may be no more of them it goes on.
  (void)sys::unshare_namespaces(CLONE_NEWIPC | CLONE_NEWNET);
  return {};
}

/// The working directory was carried into the new mount namespace, which no other descriptor was:
/// it is what can be cloned. A root that is a mount of its own has nothing above it.
Result<void> make_tree_the_root(Cell& cell) {
  TRY(sys::change_propagation("/", MS_REC | MS_PRIVATE));
  const sys::Fd here = TRY(sys::open_at(sys::cwd(), ".", O_PATH | O_DIRECTORY));
  const sys::MountTree tree = TRY(sys::clone_tree(here, sys::Recurse::No));
  const sys::AttributeChange change{.set =
                                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
  auto changed = sys::change_attributes(tree, change, sys::Recurse::No);
  if (!changed && !changed.error().is(ENOSYS)) return changed;  // before Linux 5.12
  TRY(sys::attach(tree, here));
  TRY(sys::pivot_into(tree));
  cell.tree = TRY(sys::open_at(sys::cwd(), "/", O_PATH | O_DIRECTORY));
  return {};
}

/// Everything but the three. In place of the standard streams stands the answer: no terminal is
/// left, and what the C library says when it aborts does not end up in the file that has the
/// number.
Result<void> close_the_rest(Cell& cell) {
  int keep[] = {cell.stream.get(), cell.answer.get(), cell.tree.get()};
  std::sort(std::begin(keep), std::end(keep));
  for (int number = 0; number <= STDERR_FILENO && !kSanitized; ++number)
    if (!std::binary_search(std::begin(keep), std::end(keep), number))
      TRY(sys::place_at(cell.answer, number));
  int first = STDERR_FILENO + 1;
  for (const int number : keep) {
    if (number > first) TRY(sys::close_between(first, number - 1));
    first = std::max(first, number + 1);
  }
  return sys::close_between(first, INT_MAX);
}

Result<void> bound_resources(Cell& /*cell*/) {
  TRY(sys::set_rlimit(RLIMIT_CORE, 0, 0));
  if (!kSanitized) TRY(sys::set_rlimit(RLIMIT_DATA, kMostMemory, kMostMemory));
  sys::set_umask(0);
  return {};
}

Result<void> drop_privileges(Cell& cell) {
  const uint64_t wanted = cell.owners == Owners::Archive ? kArchiveOwners : kCallerOwns;
  const uint64_t keep = TRY(sys::effective_capabilities()) & wanted;
  TRY(sys::limit_bounding(keep));
  TRY(sys::set_capabilities(keep, keep, 0));
  TRY(sys::set_dumpable(false));
  TRY(sys::die_with_parent(SIGKILL));  // not before: a new user namespace takes it back
  return sys::forbid_new_privileges();
}

Result<void> install_filter(Cell& /*cell*/) {
  return forbid_system_calls();
}

struct Step {
  const char* name;
  Result<void> (*run)(Cell&);
};

constexpr Step kSteps[] = {
    {"enter the tree", enter_tree},              // which finds it in the new namespace
    {"leave the namespaces", leave_namespaces},  // needs /proc and privileges
    {"make the tree the root", make_tree_the_root},
    {"close other files", close_the_rest},  // a directory among them would be a way out
    {"bound resources", bound_resources},
    {"drop privileges", drop_privileges},     // all steps above need them
    {"forbid system calls", install_filter},  // needs no_new_privs
};

}  // namespace

Result<void> confine(const sys::Fd& stream, const sys::Fd& answer, sys::Fd& tree, Owners owners) {
  Cell cell{stream, answer, tree, owners};
  for (const Step& step : kSteps)
    TRY(step.run(cell), "confine the unpacking: ", step.name);
  return {};
}

}  // namespace wolffia::image
