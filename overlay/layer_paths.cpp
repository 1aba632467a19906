// SPDX-License-Identifier: Apache-2.0
#include "overlay/layer_paths.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "base/quote.hpp"
#include "sys/file.hpp"
#include "sys/file_at.hpp"

namespace wolffia::overlay {
namespace {

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Whether `dir` is `above`, or lies somewhere in it.
Result<bool> lies_in(const sys::Fd& dir, const sys::Fd& above) {
  const struct stat sought = TRY(sys::stat_fd(above));
  sys::Fd at = TRY(sys::open_again({dir, "."}, O_PATH | O_DIRECTORY));
  struct stat here = TRY(sys::stat_fd(at));
  while (!is_same(here, sought)) {
    auto up = sys::open_again({at, ".."}, O_PATH | O_DIRECTORY);
    if (!up && up.error().is(EACCES)) return false;  // nothing above is the caller's
    at = TRY(std::move(up));
    const struct stat next = TRY(sys::stat_fd(at));
    if (is_same(next, here)) return false;  // the root
    here = next;
  }
  return true;
}

}  // namespace

Error about_path(Error error, const std::string& path) {
  if (!error.is(ENOENT)) return std::move(error).context(quoted_if_needed(path));
  return Error::because(ENOENT, cat(quoted_if_needed(path), " does not exist"));
}

Result<void> check_apart(const sys::Fd& upper, const sys::Fd& work) {
  if (!TRY(lies_in(work, upper)) && !TRY(lies_in(upper, work))) return {};
  return Error::because(EINVAL,
                        "upperdir and workdir must be two directories, neither in the other: give "
                        "workdir one of its own");
}

}  // namespace wolffia::overlay
