// SPDX-License-Identifier: Apache-2.0
#include "cgroup/hierarchy.hpp"

#include <fcntl.h>
#include <linux/magic.h>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace wolffia::cgroup {
namespace {

constexpr const char* kPlaces[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
constexpr size_t kProcLimit = size_t{64} << 10U;

}  // namespace

Result<Hierarchy> Hierarchy::find() {
  for (const char* place : kPlaces) {
    auto root = sys::open_at(sys::cwd(), place, O_PATH | O_DIRECTORY);
    if (!root || TRY(sys::filesystem_type(*root)) != CGROUP2_SUPER_MAGIC) continue;
    const std::string text = TRY(sys::read_file(sys::cwd(), "/proc/self/cgroup", kProcLimit));
    return Hierarchy{place, std::move(root).value(), TRY(own_path(text))};
  }
  return Error::because(ENOENT,
                        cat("the second version of cgroups is not mounted on ", kPlaces[0]));
}

std::string Hierarchy::shown(std::string_view path) const {
  return path == "/" ? mount : cat(mount, path);
}

Result<std::string> own_path(std::string_view proc_file) {
  constexpr std::string_view kPrefix = "0::";
  for (Words lines(proc_file, '\n'); !lines.empty();) {
    const std::string_view line = lines.next();
    if (line.starts_with(kPrefix)) return std::string(line.substr(kPrefix.size()));
  }
  return Error::because(ENOENT, "/proc/self/cgroup names no cgroup of the second version");
}

Result<std::string> clean(std::string_view path) {
  std::string cleaned;
  for (Words names(path, '/'); !names.empty();) {
    const std::string_view name = names.next();
    if (name.empty() || name == ".") continue;
    if (name == "..")
      return Error::because(EINVAL, cat("cgroup ", quoted(path), " must not have \"..\""));
    cleaned += cat("/", name);
  }
  return cleaned.empty() ? "/" : cleaned;
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace wolffia::cgroup
