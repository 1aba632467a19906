// SPDX-License-Identifier: Apache-2.0
#include "image/layer/tree.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include "base/hash.hpp"
#include "base/quote.hpp"
#include "sys/directory.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::image {
namespace {

constexpr int kMostLinks = 40;  // as the kernel's MAXSYMLINKS

uint64_t key_of(std::span<const std::string> names) {
  uint64_t key = 0;
  for (const std::string& name : names)
    key = hash_bytes(name, key);
  return key;
}

}  // namespace

/// A path on its way to one without links.
struct Tree::Walk {
  Names names;  // of the directory that is wanted
  Missing missing;
  std::vector<Names>* made;
  int links = 0;
  bool absent = false;  // with Missing::Leave: there is no such directory
};

bool Tree::is_whiteout(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(0, 0);
}

bool Tree::is_ours(const Names& path) const {
  return whiteouts_ == Whiteouts::Overlay || claimed_.contains(key_of(path));
}

void Tree::claim(const Names& path) {
  if (whiteouts_ == Whiteouts::Overlay) return;
  uint64_t key = 0;
  for (const std::string& name : path) {
    key = hash_bytes(name, key);
    claimed_.insert(key);
  }
}

Result<void> Tree::remove(const sys::Fd& parent, const char* name) {
  auto removed = sys::remove_entry(parent, name);
  if (removed || removed.error().is(ENOENT)) return {};
  if (!removed.error().is(EISDIR) && !removed.error().is(EPERM)) return removed;
  others_.forget();
  const sys::Fd directory = TRY(sys::open_directory(parent, name));
  TRY(sys::empty_directory(directory));
  return sys::remove_directory(parent, name);
}

/// Puts the target of the link that stands at `at` in its place.
Result<void> Tree::follow(Walk& walk, size_t at, const sys::Fd& dir) {
  if (++walk.links > kMostLinks) return Error::because(ELOOP, "too many links above the entry");
  const std::string text = TRY(sys::read_symlink(dir, walk.names[at].c_str()));
  std::string whole;
  if (!text.starts_with('/')) whole = join(std::span(walk.names).first(at));
  // The names above are directories, so ".." may be taken back against them; one that leads above
  // the root stays there, as the kernel has it below a changed root.
  Names names;
  whole += cat("/", text, "/", join(std::span(walk.names).subspan(at + 1)));
  for (size_t begin = 0; begin < whole.size();) {
    const size_t end = std::min(whole.find('/', begin), whole.size());
    const std::string name = whole.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty() || name == ".") continue;
    if (name != "..")
      names.push_back(name);
    else if (!names.empty())
      names.pop_back();
  }
  walk.names = TRY(clean_path(join(names)));  // and its limits
  if (TRY(purpose_of(walk.names)) != Purpose::Plain)
    return Error::because(EINVAL, "a link above the entry names a whiteout");
  return {};
}

Result<void> Tree::make_here(Walk& walk, size_t at, const sys::Fd& dir) {
  TRY(sys::make_directory(dir, walk.names[at].c_str(), 0755));
  const auto path = std::span(walk.names).first(at + 1);
  walk.made->emplace_back(path.begin(), path.end());
  return {};
}

/// Makes a directory of what stands at `at`, where there is none yet, or finds another way.
Result<void> Tree::step_over(Walk& walk, size_t at, const sys::Fd& dir) {
  const std::string& name = walk.names[at];
  const Names path(walk.names.begin(), walk.names.begin() + static_cast<ptrdiff_t>(at) + 1);
  const bool make = walk.missing == Missing::Make;
  auto status = sys::stat_entry(dir, name.c_str());
  if (!status && !status.error().is(ENOENT)) return std::move(status).error();
  walk.absent = !status && !make;
  if (!status) return make ? make_here(walk, at, dir) : Result<void>{};
  if (S_ISLNK(status->st_mode) && is_ours(path)) return follow(walk, at, dir);
  const bool whiteout = is_whiteout(*status);
  if (make && (whiteout || !is_ours(path))) {
    TRY(remove(dir, name.c_str()));
    TRY(make_here(walk, at, dir));
    if (!whiteout) return {};
    // The layer removes the directory of lower layers and has one of its own.
    const sys::Fd fresh = TRY(sys::open_directory(dir, name.c_str()));
    return sys::set_attribute(fresh, "user.overlay.opaque", "y");
  }
  walk.absent = !make;
  if (walk.absent) return {};
  return Error::because(EINVAL, cat(quoted(join(path)), " is no directory"));
}

/// False: there is no such directory.
Result<bool> Tree::walk(Walk& walk, Parents& parents) {
  for (;;) {
    const size_t entered = TRY(parents.enter(walk.names));
    if (entered == walk.names.size()) return true;
    TRY(step_over(walk, entered, parents.here()));
    if (walk.absent) return false;
  }
}

Result<Place> Tree::place(const Names& path, std::vector<Names>& made) {
  Walk above{.names = Names(path.begin(), path.end() - 1), .missing = Missing::Make, .made = &made};
  (void)TRY(walk(above, parents_));
  Place place{.parent = &parents_.here(), .names = std::move(above.names)};
  place.names.push_back(path.back());
  return place;
}

Result<std::optional<Place>> Tree::find(const Names& path) {
  Walk above{
      .names = Names(path.begin(), path.end() - 1), .missing = Missing::Leave, .made = nullptr};
  if (!TRY(walk(above, others_))) return std::optional<Place>();
  Place place{.parent = &others_.here(), .names = std::move(above.names)};
  place.names.push_back(path.back());
  auto status = sys::stat_entry(*place.parent, place.name());
  if (!status && status.error().is(ENOENT)) return std::optional<Place>();
  if (!status) return std::move(status).error();
  return std::optional(std::move(place));
}

Result<void> Tree::remove_lower(const Names& path) {
  std::vector<Names> left{path};
  Parents parents(root_);
  while (!left.empty()) {
    Names directory = std::move(left.back());
    left.pop_back();
    if (TRY(parents.enter(directory)) != directory.size()) continue;  // no directory
    for (const std::string& name : TRY(sys::entry_names(parents.here(), SIZE_MAX))) {
      directory.push_back(name);
      if (!is_ours(directory))
        TRY(remove(parents.here(), name.c_str()));
      else
        left.push_back(directory);
      directory.pop_back();
    }
  }
  return {};
}

}  // namespace wolffia::image
