// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "image/layer/unpacker.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/metadata.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kMostPending = 1'000'000;

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

Result<void> Unpacker::take_hard_link(const TarEntry& entry, const Place& place) {
  const Names target = TRY(clean_path(entry.link), "the link's target ", quoted(entry.link));
  if (target.empty()) return Error::because(EINVAL, "a hard link to the root");
  const Purpose purpose = TRY(purpose_of(target), "the link's target ", quoted(entry.link));
  if (purpose != Purpose::Plain && purpose != Purpose::LinkData)
    return Error::because(EINVAL, "a hard link to a whiteout");
  const auto found = TRY(tree_.find(target));
  if (!found) {
    TRY(make_way(place));
    return add_pending(place, join(target));
  }
  const struct stat there = TRY(sys::stat_entry(*found->parent, found->name()));
  if (S_ISDIR(there.st_mode)) return Error::because(EINVAL, "a hard link to a directory");
  if (Tree::is_whiteout(there))
    return Error::because(EINVAL, "a hard link to a file that the layer removes");
  auto linked = sys::make_link(*found->parent, found->name(), *place.parent, place.name());
  if (linked || !linked.error().is(EEXIST)) return linked;
  const struct stat here = TRY(sys::stat_entry(*place.parent, place.name()));
  if (is_same_file(there, here)) return {};
  TRY(make_way(place));
  const auto again = TRY(tree_.find(target));  // it may have lain in what was removed
  if (!again) return Error::because(EINVAL, "a hard link to a file below itself");
  return sys::make_link(*again->parent, again->name(), *place.parent, place.name());
}

Result<void> Unpacker::add_pending(const Place& place, std::string target) {
  std::string path = join(place.names);
  remembered_ += path.size() + target.size() + sizeof(PendingLink);
  if (pending_.size() == kMostPending || remembered_ > size_t{64} << 20)
    return Error::because(E2BIG, "too many hard links to files of lower layers");
  pending_.insert_or_assign(std::move(path), std::move(target));
  return {};
}

/// What is made at `path` takes the place of a link that was to be there, and, but for a directory,
/// of those below.
void Unpacker::forget_pending(const Names& path, TarEntry::Type type) {
  const std::string text = join(path);
  pending_.erase(text);
  if (type == TarEntry::Type::Directory) return;
  const std::string below = text + '/';
  auto at = pending_.lower_bound(below);
  while (at != pending_.end() && at->first.starts_with(below))
    at = pending_.erase(at);
}

/// Targets that came later in the layer are there now; links to links become links to their target.
Result<void> Unpacker::finish_pending() {
  constexpr int kMostHops = 40;
  for (auto at = pending_.begin(); at != pending_.end();) {
    auto& [path, target] = *at;
    int hops = 0;
    for (auto next = pending_.find(target); next != pending_.end(); next = pending_.find(target)) {
      if (++hops > kMostHops)
        return Error::because(EINVAL, cat(quoted(path), ": hard links in a circle"));
      target = next->second;
    }
    const auto found = TRY(tree_.find(TRY(clean_path(target))), quoted(path));
    if (!found) {
      ++at;
      continue;
    }
    const struct stat status = TRY(sys::stat_entry(*found->parent, found->name()));
    if (S_ISDIR(status.st_mode) || Tree::is_whiteout(status))
      return Error::because(EINVAL, cat(quoted(path), ": a hard link to no file"));
    const Place place = TRY(place_of(TRY(clean_path(path))));
    TRY(sys::make_link(*found->parent, found->name(), *place.parent, place.name()), quoted(path));
    at = pending_.erase(at);
  }
  return {};
}

}  // namespace wolffia::image
