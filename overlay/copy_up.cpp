// SPDX-License-Identifier: Apache-2.0
#include "overlay/copy_up.hpp"

#include <fcntl.h>

#include <algorithm>
#include <optional>

#include "overlay/marks.hpp"
#include "sys/copy.hpp"
#include "sys/data.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kPiece = 1 << 20;
constexpr const char* kCapability = "security.capability";

Wanted wanted_of(const struct stat& stored) {
  return {stored.st_uid, stored.st_gid, stored.st_mode, stored.st_rdev};
}

/// Copying up changes nothing that shows: a directory keeps its times.
class KeptTimes {
 public:
  explicit KeptTimes(const LayerDir& dir) : dir_(dir), before_(dir.status("")) {}
  KeptTimes(const KeptTimes&) = delete;
  ~KeptTimes() {
    if (!before_) return;
    const timespec times[2] = {before_->st_atim, before_->st_mtim};
    (void)sys::set_times_of({*dir_.fd(), "."}, times);
  }

 private:
  const LayerDir& dir_;
  const Result<struct stat> before_;
};

/// What a layer that is no directory of the host gives, piece by piece. Holes stay holes.
Result<void> pour(const Content& from, const sys::Fd& to, uint64_t size) {
  std::string piece(std::min<uint64_t>(size, kPiece), '\0');
  TRY(sys::set_size(to, size));
  for (uint64_t at = 0; at < size;) {
    const auto data = from.seek(at, SEEK_DATA);
    if (!data && data.error().is(ENXIO)) break;  // a hole up to the end
    at = TRY(data);
    const uint64_t end = TRY(from.seek(at, SEEK_HOLE));
    for (; at < end;) {
      const size_t part = std::min<uint64_t>(piece.size(), end - at);
      const size_t got = TRY(from.read(at, {piece.data(), part}));
      if (got == 0) return Error::because(EIO, "a file of a layer ends early");
      TRY(sys::write_at(to, {piece.data(), got}, at));
      at += got;
    }
  }
  return {};
}

}  // namespace

Result<Place> CopyUp::place(const NodePtr& node) {
  const auto kept = [&](LayerIndex& layer) {
    const std::lock_guard lock(node->mutex);
    layer = node->layers.top();
    return node->kept ? std::optional(Place{node->kept->dir, node->kept->name, layer})
                      : std::nullopt;
  };
  LayerIndex layer = 0;
  if (auto found = kept(layer)) return std::move(*found);
  if (node->is_directory()) return Place{TRY(directories_.open(node, layer)), "", layer};
  auto [parent, name] = tree_.place(*node);
  if (parent) return Place{TRY(directories_.open(parent, layer)), std::move(name), layer};
  if (auto found = kept(layer)) return std::move(*found);  // it has lost its name just now
  return Error::because(ESTALE, "the file was removed");
}

Result<std::shared_lock<CopyUp::Shape>> CopyUp::shape_for_change(const NodePtr& node,
                                                                 Contents contents) {
  const bool copies = upper_ && !node->is_directory() && contents == Contents::Copy;
  if (copies && !layers_of(*node).in_upper()) TRY(bring_apart(node));
  return std::shared_lock(shape_);
}

Result<LayerDirPtr> CopyUp::upper_directory(const NodePtr& node) {
  TRY(bring_directory(node));
  return directories_.open(node, kUpper);
}

Result<Place> CopyUp::upper_place(const NodePtr& node, Contents contents) {
  TRY(node->is_directory() ? bring_directory(node) : bring(node, contents));
  return place(node);
}

Result<void> CopyUp::bring_directory(const NodePtr& node) {
  if (!upper_) return Error::because(EROFS, "the mount has no upperdir");
  std::vector<NodePtr> missing;  // the lowest first
  for (NodePtr at = node; at && !layers_of(*at).in_upper(); at = tree_.place(*at).first)
    missing.push_back(at);
  for (; !missing.empty(); missing.pop_back()) {
    const NodePtr& dir = missing.back();
    const std::lock_guard lock(dir->mutex);
    if (dir->layers.in_upper()) continue;  // somebody was faster
    const auto [parent, name] = tree_.place(*dir);
    if (!parent || dir->kept) return Error::because(ENOENT, "the directory was removed");
    const LayerDirPtr from = TRY(directories_.open(parent, dir->layers.top()));
    const LayerDirPtr to = TRY(directories_.open(parent, kUpper));
    const Upper::Staged copied = TRY(copy(*from, dir->layers.top(), name.c_str(), Contents::Leave));
    const KeptTimes times(*to);
    TRY(upper_->put_directory(copied.file(), {*to->fd(), name.c_str()}));
    dir->layers.add_upper();
  }
  return {};
}

Result<void> CopyUp::bring(const NodePtr& node, Contents contents) {
  if (!upper_) return Error::because(EROFS, "the mount has no upperdir");
  if (layers_of(*node).in_upper()) return {};
  const Place from = TRY(place(node));
  if (from.layer == kUpper) return {};
  return show(node, from, TRY(copy(*from.dir, from.layer, from.name.c_str(), contents)));
}

/// The same without the shape while it copies. Who holds the shape does not wait for that, but
/// copies as well, and the first who comes to the name has it.
Result<void> CopyUp::bring_apart(const NodePtr& node) {
  const Turns::Turn turn(turns_, node->id);
  Place from;
  {
    const std::shared_lock shape(shape_);
    if (layers_of(*node).in_upper()) return {};
    from = TRY(place(node));
    if (from.layer == kUpper) return {};
  }
  const struct stat raw = TRY(from.dir->status(from.name.c_str()));
  if (raw.st_nlink > 1) TRY(groups_.names({from.layer, raw.st_ino}));  // walks through the layer
  const Upper::Staged copied = TRY(copy(*from.dir, from.layer, from.name.c_str(), Contents::Copy));
  const std::shared_lock shape(shape_);
  return show(node, from, copied);
}

/// Gives a whole copy of what is at `from` the names that the file has by now. A file that has none
/// any more, but is open: its copy has none either.
Result<void> CopyUp::show(const NodePtr& node, const Place& from, const Upper::Staged& copied) {
  const std::lock_guard lock(node->mutex);
  if (node->layers.in_upper()) return {};  // somebody was faster, and it may have changed since
  const struct stat raw = TRY(from.dir->status(from.name.c_str()));
  const struct stat made = TRY(sys::stat_of(copied.file()));
  Borrowed borrowed(tree_);
  const auto names =
      TRY(names_to_give(*node, {from.layer, raw.st_ino}, raw.st_nlink > 1, borrowed));
  if (names.empty()) {
    if (!node->kept) return Error::because(ESTALE, "the file was removed");
    sys::Fd held = TRY(sys::path_of(copied.file()));
    node->kept = std::make_unique<Kept>(Kept{host_directory(std::move(held)), {}});
    node->layers.only(kUpper);
    return {};
  }
  for (size_t i = names.size(); i-- > 0;) {  // the name that it is known by comes last
    const auto& [parent, name] = names[i];
    const LayerDirPtr to = TRY(upper_directory(parent));
    const KeptTimes times(*to);
    const sys::FileAt at{*to->fd(), name.c_str()};
    TRY(i > 0 ? upper_->link(copied.file(), at) : upper_->put(copied.file(), at));
  }
  node->layers.only(kUpper);
  if (node->kept) {  // whoever removed its last name knew of no other one
    tree_.add_name(node, names.front().first, names.front().second);
    borrowed.add(node);
    node->kept.reset();
  }
  tree_.know_as(*node, {kUpper, made.st_ino});
  return {};
}

Result<void> CopyUp::copy_attributes(const LayerDir& from, const char* name,
                                     const sys::FileAt& to) const {
  const auto names = from.attribute_names(name);
  if (!names) return {};  // a file system without attributes
  for (const std::string& key : *names) {
    if (is_private(key) || key == kCapability) continue;
    const auto value = from.attribute(name, key.c_str());
    if (!value) continue;
    const auto set = sys::set_attribute_of(to, key.c_str(), *value, 0);
    // Those of the system that we may not give: its own labels.
    if (!set && (set.error().is(ENOSPC) || set.error().is(EDQUOT))) return set.error();
  }
  return {};
}

Result<void> CopyUp::copy_contents(const LayerDir& from, const char* name, const sys::FileAt& to,
                                   uint64_t size) const {
  const sys::Fd target = TRY(sys::open_again(to, O_RDWR));
  if (size > 0) {
    const auto content = TRY(from.open(name));
    if (!content->file()) {
      TRY(pour(*content, target, size));
    } else if (!sys::share_contents(*content->file(), target)) {
      TRY(sys::copy_with_holes(*content->file(), target, size));
    }
  }
  if (stack_.options().durable && stack_.options().sync)
    TRY(sys::sync_contents(target, sys::SyncWhat::Everything));
  return {};
}

Result<Upper::Staged> CopyUp::copy(const LayerDir& from, LayerIndex layer, const char* name,
                                   Contents contents) const {
  const struct stat raw = TRY(from.status(name));
  const struct stat stored = stack_.stored(from, layer, name, raw);
  Upper::Staged staged = upper_->stage();
  const sys::FileAt to = staged.file();
  if (S_ISDIR(stored.st_mode)) {
    TRY(sys::make_directory(to.dir, to.name, S_IRWXU));
  } else {
    Wanted made = wanted_of(stored);
    if (S_ISREG(stored.st_mode)) made.mode = S_IFREG | S_IRUSR | S_IWUSR;
    const std::string target = S_ISLNK(stored.st_mode) ? TRY(from.link_text(name)) : std::string();
    TRY(upper_->make(to, made, S_ISLNK(stored.st_mode) ? target.c_str() : nullptr));
  }
  TRY(copy_attributes(from, name, to));
  if (upper_->has_attributes() && !S_ISLNK(stored.st_mode)) {
    const uint64_t number = stack_.inode(layer, from, name, raw);
    (void)sys::set_attribute_of(to, kInodeAttribute, cat(number), 0);
  }
  if (S_ISREG(stored.st_mode) && S_ISREG(raw.st_mode) && contents == Contents::Copy)
    TRY(copy_contents(from, name, to, static_cast<uint64_t>(raw.st_size)));
  TRY(upper_->dress(to, wanted_of(stored), TRY(sys::stat_of(to))));
  // Writing to a file and giving it away take its capabilities: they are last.
  if (S_ISREG(raw.st_mode))
    if (const auto capability = from.attribute(name, kCapability))
      (void)sys::set_attribute_of(to, kCapability, *capability, 0);
  const timespec times[2] = {raw.st_atim, raw.st_mtim};
  TRY(sys::set_times_of(to, times));
  return staged;
}

CopyUp::Borrowed::~Borrowed() {
  for (const NodePtr& node : nodes_)
    tree_.forget(node->id, 1);
}

Result<NodePtr> CopyUp::existing(const NodePtr& parent, const std::string& name) {
  if (NodePtr node = tree_.find(*parent, name)) return node;
  const auto found = TRY(merge_.look_up(parent, name.c_str()));
  if (!found) return Error::because(ENOENT, "no layer shows it");
  return tree_.add(parent, name,
                   stack_.fresh(*found->directory, name.c_str(), found->layers, found->raw));
}

Result<NodePtr> CopyUp::child(const NodePtr& parent, const std::string& name, Borrowed& borrowed) {
  NodePtr node = TRY(existing(parent, name));
  borrowed.add(node);
  return node;
}

/// The directory that holds a path of a lower layer, where the mount shows one.
Result<NodePtr> CopyUp::resolve(const std::string& path, Borrowed& borrowed) {
  NodePtr at = tree_.root();
  for (size_t begin = 0, end = 0; (end = path.find('/', begin)) != std::string::npos;
       begin = end + 1)
    at = TRY(child(at, path.substr(begin, end - begin), borrowed));
  return at;
}

/// Those names of a file of a lower layer with several that the mount shows.
Result<CopyUp::Names> CopyUp::names_shown(const RawInode& raw, Borrowed& borrowed) {
  Names names;
  for (const std::string& path : TRY(groups_.names(raw))) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const auto parent = resolve(path, borrowed);
    if (!parent || !(*parent)->is_directory()) continue;
    const auto seen = merge_.look_up(*parent, name.c_str());
    const bool is_it =
        seen && *seen && (*seen)->layers.top() == raw.layer && (*seen)->raw.st_ino == raw.number;
    if (is_it) names.emplace_back(*parent, name);
  }
  return names;
}

Result<size_t> CopyUp::names_hidden(const RawInode& raw) {
  Borrowed borrowed(tree_);
  const size_t shown = TRY(names_shown(raw, borrowed)).size();
  return TRY(groups_.names(raw)).size() - shown;
}

/// All names of a file with several, that they go on to be one file; first the one it is known by.
Result<CopyUp::Names> CopyUp::names_to_give(const Node& node, const RawInode& raw, bool several,
                                            Borrowed& borrowed) {
  Names names;
  if (auto known = tree_.place(node); known.first) names.push_back(std::move(known));
  if (!several) return names;
  for (auto& name : TRY(names_shown(raw, borrowed)))
    if (names.empty() || name != names.front()) names.push_back(std::move(name));
  return names;
}

/// Errors are met again by who needs what is missing.
void CopyUp::ahead(const NodePtr& node) {
  Borrowed borrowed(tree_);
  std::vector<NodePtr> pending{node};
  while (!pending.empty()) {
    const NodePtr at = std::move(pending.back());
    pending.pop_back();
    const auto shape = shape_for_change(at);
    if (!shape || !at->is_directory()) continue;
    if (!bring_directory(at) || !layers_of(*at).merged()) continue;
    const auto entries = merge_.list(at);
    if (!entries) continue;
    for (const Listed& entry : *entries)
      if (auto below = child(at, entry.name, borrowed)) pending.push_back(std::move(*below));
  }
}

Result<void> CopyUp::whole(const NodePtr& node) {
  struct Step {
    NodePtr node;
    bool leaving;
  };
  Borrowed borrowed(tree_);
  std::vector<Step> steps{{node, false}};
  while (!steps.empty()) {
    const Step step = steps.back();
    steps.pop_back();
    if (!step.node->is_directory()) {
      TRY(bring(step.node, Contents::Copy));
      continue;
    }
    if (step.leaving) {
      const LayerDirPtr upper = TRY(upper_directory(step.node));
      const KeptTimes times(*upper);
      TRY(upper_->seal(*upper));
      const std::lock_guard lock(step.node->mutex);
      step.node->layers.only(kUpper);
      continue;
    }
    TRY(bring_directory(step.node));
    if (!layers_of(*step.node).merged()) continue;  // all of it is in the upper layer already
    steps.push_back({step.node, true});
    for (const Listed& entry : TRY(merge_.list(step.node)))
      steps.push_back({TRY(child(step.node, entry.name, borrowed)), false});
  }
  return {};
}

}  // namespace wolffia::overlay
