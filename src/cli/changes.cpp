// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "cli/overlay_marks.hpp"
#include "sys/directory.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli {
namespace {

constexpr size_t kMostEntries = 1 << 22;  // of one directory
constexpr int kDeepest = 250;

/// The same directory in the layers, topmost first.
using Lowers = std::vector<sys::Fd>;

/// What the layers have by one name.
struct Below {
  std::optional<struct stat> status;  // nullopt: nothing
  sys::Fd directory;                  // that it was found in
  Lowers inner;                       // where it is a directory
};

Result<sys::Fd> again(const sys::Fd& directory) {
  return sys::open_directory(directory, ".");
}

Result<Below> look_below(const Lowers& lowers, const char* name) {
  Below below;
  for (const sys::Fd& lower : lowers) {
    const auto status = sys::stat_entry(lower, name);
    if (!status && status.error().is(ENOENT)) continue;
    if (!status) return Error(status.error());
    if (is_whiteout(lower, name, *status)) break;
    if (!below.status) {
      below.status = *status;
      below.directory = TRY(again(lower));
    }
    if (!S_ISDIR(status->st_mode)) break;
    if (!S_ISDIR(below.status->st_mode)) break;
    below.inner.push_back(TRY(sys::open_directory(lower, name)));
    if (is_opaque(below.inner.back())) break;
  }
  return below;
}

/// One entry of the tree.
struct Entry {
  std::string name, path;
  struct stat status;
  int depth;  // of its directory
};

bool same_rights(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid;
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Those that layers have, sorted. They change neither the time nor the size of a file.
Attributes layer_attributes(const sys::Fd& file) {
  Attributes attributes;
  const auto names = sys::attribute_names(file);
  if (!names) return attributes;
  for (const std::string& one : *names) {
    const bool of_layers = one == "security.capability" ||
                           (one.starts_with("user.") && !one.starts_with("user.overlay."));
    auto value = of_layers ? sys::attribute(file, one.c_str()) : Result<std::string>("");
    if (of_layers && value) attributes.emplace_back(one, *std::move(value));
  }
  std::sort(attributes.begin(), attributes.end());
  return attributes;
}

bool attributes_differ(const sys::Fd& a, const sys::Fd& b, const char* name) {
  const auto of = [&](const sys::Fd& dir) {
    const auto file = sys::open_entry(dir, name, O_RDONLY | O_NONBLOCK);
    return file ? layer_attributes(*file) : Attributes();
  };
  return of(a) != of(b);
}

class Comparison {
 public:
  Comparison(ComparedTree kind, const std::set<std::string>& own) : kind_(kind), own_(own) {}

  Result<void> directory(const sys::Fd& upper, const Lowers& lowers, bool hides,
                         const std::string& path, int depth) {
    if (depth > kDeepest)
      return Error::because(ELOOP, cat(path, " is deeper than ", kDeepest, " directories"));
    std::vector<std::string> names = TRY(sys::entry_names(upper, kMostEntries), path);
    std::sort(names.begin(), names.end());
    if (hides || kind_ == ComparedTree::Whole) TRY(missing(names, lowers, path));
    for (const std::string& name : names)
      TRY(entry(upper, lowers, name, cat(path, "/", name), depth));
    return {};
  }

  std::vector<Change> take() {
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(changes_);
  }

 private:
  void note(ChangeKind kind, const std::string& path) { changes_.push_back({kind, path}); }

  /// What the layers have in a directory and the tree has not. `names` is sorted.
  Result<void> missing(const std::vector<std::string>& names, const Lowers& lowers,
                       const std::string& path) {
    std::set<std::string> gone;
    for (const sys::Fd& lower : lowers)
      for (std::string& name : TRY(sys::entry_names(lower, kMostEntries), path))
        if (!std::binary_search(names.begin(), names.end(), name)) gone.insert(std::move(name));
    for (const std::string& name : gone) {
      const Below below = TRY(look_below(lowers, name.c_str()), path);
      if (below.status) note(ChangeKind::Deleted, cat(path, "/", name));
    }
    return {};
  }

  Result<void> entry(const sys::Fd& upper, const Lowers& lowers, const std::string& name,
                     const std::string& path, int depth) {
    const auto status = sys::stat_entry(upper, name.c_str());
    if (!status && status.error().is(ENOENT)) return {};  // removed meanwhile
    if (!status) return Error(status.error()).context(path);
    if (kind_ == ComparedTree::Upper && is_mark(upper, name)) return {};
    const Below below = TRY(look_below(lowers, name.c_str()), path);
    if (kind_ == ComparedTree::Upper && is_whiteout(upper, name.c_str(), *status)) {
      if (below.status) note(ChangeKind::Deleted, path);
      return {};
    }
    if (S_ISDIR(status->st_mode)) return inner(upper, below, {name, path, *status, depth});
    if (!below.status && own_.contains(path) && S_ISREG(status->st_mode) && status->st_size == 0)
      return {};
    if (!below.status) note(ChangeKind::Added, path);
    if (below.status && differs(upper, below, *status, name)) note(ChangeKind::Changed, path);
    return {};
  }

  /// An upper directory holds only what was changed.
  bool differs(const sys::Fd& upper, const Below& below, const struct stat& status,
               const std::string& name) const {
    const struct stat& before = *below.status;
    if (kind_ == ComparedTree::Upper || !same_rights(status, before)) return true;
    if (status.st_size != before.st_size) return true;
    if (S_ISLNK(status.st_mode)) {
      const auto text = sys::read_symlink(upper, name.c_str());
      const auto old = sys::read_symlink(below.directory, name.c_str());
      return !text || !old || *text != *old;
    }
    if (status.st_mtim.tv_sec != before.st_mtim.tv_sec ||
        status.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
      return true;
    return S_ISREG(status.st_mode) && attributes_differ(upper, below.directory, name.c_str());
  }

  Result<void> inner(const sys::Fd& upper, const Below& below, const Entry& it) {
    auto opened = sys::open_directory(upper, it.name.c_str());
    if (!opened && opened.error().is(ENOENT)) return {};  // removed meanwhile
    const sys::Fd here = TRY(std::move(opened), it.path);
    const size_t before = changes_.size();
    TRY(directory(here, below.inner, is_opaque(here), it.path, it.depth + 1));
    const bool touched = changes_.size() > before;
    if (!below.status) {
      if (touched || !own_.contains(it.path)) note(ChangeKind::Added, it.path);
    } else if (touched || !same_rights(it.status, *below.status) ||
               (!below.inner.empty() && said_otherwise(here, below))) {
      note(ChangeKind::Changed, it.path);
    }
    return {};
  }

  /// Of the same directory, whose mode and owner are the same on the disk.
  static bool said_otherwise(const sys::Fd& here, const Below& below) {
    const sys::Fd& there = below.inner.front();
    return layer_attributes(here) != layer_attributes(there) ||
           listed_owner(here) != listed_owner(there);
  }

  ComparedTree kind_;
  const std::set<std::string>& own_;
  std::vector<Change> changes_;
};

}  // namespace

Result<std::vector<Change>> changes_of(const sys::Fd& tree, ComparedTree kind,
                                       std::span<const sys::InRoot> layers,
                                       const std::set<std::string>& own) {
  Lowers lowers;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
    lowers.push_back(TRY(again(*layer)));
  Comparison comparison(kind, own);
  TRY(comparison.directory(tree, lowers, false, "", 0));
  return comparison.take();
}

std::set<std::string> with_parents(std::span<const std::string> paths) {
  std::set<std::string> all;
  for (const std::string& path : paths)
    for (size_t end = path.size(); end > 0 && end != std::string::npos;
         end = path.rfind('/', end - 1))
      all.insert(path.substr(0, end));
  return all;
}

}  // namespace wolffia::cli
