// SPDX-License-Identifier: Apache-2.0
#include "overlay/link_groups.hpp"

#include <dirent.h>

namespace wolffia::overlay {
namespace {

/// A directory still to be read, and how it is called.
struct Pending {
  LayerDirPtr dir;
  std::string path;  // "usr/bin/", empty for the root
};

bool is_directory(const Entry& entry, const LayerDir& dir) {
  if (entry.type != DT_UNKNOWN) return entry.type == DT_DIR;
  const auto status = dir.status(std::string(entry.name).c_str());
  return status && S_ISDIR(status->st_mode);
}

}  // namespace

Result<void> LinkGroups::walk(LayerIndex layer, Groups& groups) const {
  std::vector<Pending> pending{{stack_.root(layer), {}}};
  while (!pending.empty()) {
    const Pending here = std::move(pending.back());
    pending.pop_back();
    std::vector<std::string> below;
    TRY(here.dir->list([&](const Entry& entry) {
      const std::string name(entry.name);
      if (is_directory(entry, *here.dir)) {
        below.push_back(name);
        return true;
      }
      const auto status = here.dir->status(name.c_str());
      if (status && status->st_nlink > 1) groups[status->st_ino].push_back(here.path + name);
      return true;
    }));
    for (const std::string& name : below) {
      auto opened = here.dir->directory(name.c_str());
      if (opened) pending.push_back({std::move(opened).value(), cat(here.path, name, "/")});
    }
  }
  return {};
}

Result<std::vector<std::string>> LinkGroups::names(const RawInode& raw) {
  const std::lock_guard lock(mutex_);
  const auto [at, fresh] = layers_.try_emplace(raw.layer);
  if (fresh) TRY(walk(raw.layer, at->second));
  const auto found = at->second.find(raw.number);
  return found == at->second.end() ? std::vector<std::string>() : found->second;
}

}  // namespace wolffia::overlay
