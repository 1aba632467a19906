// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "plan/mount_options.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

/// A read-only root file system may be shared with other containers and machines: what it lacks is
/// made above it, never in it (reference: Slurm keeps one image for all jobs).
Cover choose_cover(const oci::Spec& spec) {
  const std::string* asked = spec.annotation(kMountpoints);
  if (asked) return Cover::Always;
  return spec.root.readonly ? Cover::IfMissing : Cover::Never;
}

}  // namespace

std::string clean_path(std::string_view path) {
  std::string clean;
  clean.reserve(path.size());
  for (size_t begin = 0; begin < path.size();) {
    size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view name = path.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      clean.append("/").append(name);
    } else if (!clean.empty()) {
      clean.resize(clean.rfind('/'));
    }
  }
  return clean.empty() ? "/" : clean;
}

std::vector<std::string> unique_paths(const std::vector<std::string>& paths) {
  std::unordered_set<std::string> seen;
  std::vector<std::string> unique;
  unique.reserve(paths.size());
  for (const std::string& path : paths) {
    std::string clean = clean_path(path);
    if (seen.insert(clean).second) unique.push_back(std::move(clean));
  }
  return unique;
}

RootPlan plan_root(const oci::Spec& spec, const Options& options) {
  RootPlan root;
  // Only joined: a ".." behind a symbolic link of the host is the host's business.
  root.path =
      spec.root.path.starts_with('/') ? spec.root.path : cat(options.bundle, "/", spec.root.path);
  root.readonly = spec.root.readonly;
  root.cover = choose_cover(spec);
  root.pivot = options.pivot;
  if (const MountOption* word = find_propagation(spec.linux.rootfs_propagation)) {
    root.propagation = word->value;
    root.rec_propagation = word->recursive;
  }
  return root;
}

}  // namespace wolffia::plan
