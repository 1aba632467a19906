// SPDX-License-Identifier: Apache-2.0
#include "overlay/overlay.hpp"

#include <dirent.h>

#include <algorithm>

#include "overlay/marks.hpp"
#include "sys/data.hpp"

namespace wolffia::overlay {
namespace {

constexpr uint64_t kRootId = 1;           // FUSE_ROOT_ID
constexpr size_t kOpenDirectories = 512;  // more are opened again when they are needed

NodePtr root_node(const Stack& stack) {
  const Layers layers = stack.roots();
  const auto status = stack.root(layers.top())->status("");
  const uint64_t inode = status ? stack.plain_inode(layers.top(), status->st_ino) : kRootId;
  return std::make_shared<Node>(kRootId, inode, S_IFDIR, layers);
}

}  // namespace

Overlay::Overlay(std::unique_ptr<Stack> stack, std::unique_ptr<Upper> upper)
    : stack_(std::move(stack)),
      upper_(std::move(upper)),
      tree_(root_node(*stack_)),
      directories_(*stack_, tree_, kOpenDirectories),
      merge_(directories_),
      copy_up_(*stack_, tree_, directories_, merge_, upper_.get(), shape_) {}

Result<std::unique_ptr<Overlay>> Overlay::open(const Options& options) {
  auto stack = TRY(Stack::open(options));
  std::unique_ptr<Upper> upper;
  if (stack->writable()) upper = TRY(Upper::open(*stack));
  return std::unique_ptr<Overlay>(new Overlay(std::move(stack), std::move(upper)));
}

Reachable Overlay::reachable(bool opens_device) const {
  Reachable all;
  for (size_t i = kUpper + size_t{1}; i < stack_->size(); ++i)
    if (const sys::Fd* fd = stack_->root(static_cast<LayerIndex>(i))->fd()) all.read.push_back(fd);
  if (upper_) all.change = {&upper_->root(), &upper_->work()};
  if (opens_device) all.device = "/dev/fuse";
  return all;
}

Result<NodePtr> Overlay::node(uint64_t id) const {
  NodePtr node = tree_.get(id);
  if (!node) return Error::because(ESTALE, "no file has this number");
  return node;
}

/// Of a merged directory; no layer knows it. Counted once, and again after one came or went.
Result<uint32_t> Overlay::subdirectories(const NodePtr& node) {
  {
    const std::lock_guard lock(node->mutex);
    if (node->subdirectories >= 0) return static_cast<uint32_t>(node->subdirectories);
  }
  uint32_t count = 0;
  for (const Listed& entry : TRY(merge_.list(node))) {
    if (entry.type == DT_DIR) ++count;
    if (entry.type != DT_UNKNOWN) continue;
    const LayerDirPtr dir = TRY(directories_.open(node, entry.layer));
    const auto status = dir->status(entry.name.c_str());
    if (status && S_ISDIR(status->st_mode)) ++count;
  }
  const std::lock_guard lock(node->mutex);
  node->subdirectories = static_cast<int>(count);
  return count;
}

/// Those that files of lower layers have lost are counted, not noted, and only where some were ever
/// removed: that takes a walk over the layer.
nlink_t Overlay::links_hidden(Node& node, const RawInode& raw) {
  if (!upper_ || !upper_->hides_links()) return 0;
  const std::lock_guard lock(node.mutex);
  if (node.layers.in_upper()) return 0;
  if (node.names_hidden < 0) {
    const auto counted = copy_up_.names_hidden(raw);
    node.names_hidden = counted ? static_cast<int>(*counted) : 0;
  }
  return static_cast<nlink_t>(node.names_hidden);
}

struct stat Overlay::shown(const NodePtr& node, const LayerDir& dir, LayerIndex layer,
                           const char* name, const struct stat& raw) {
  struct stat status = stack_->shown(dir, layer, name, raw);
  status.st_ino = node->inode;
  bool removed = false;
  bool merged = false;
  {
    const std::lock_guard lock(node->mutex);
    removed = node->kept != nullptr;
    merged = node->layers.merged();
  }
  if (!node->is_directory()) {
    if (layer != kUpper && raw.st_nlink > 1)
      status.st_nlink -= std::min(links_hidden(*node, {layer, raw.st_ino}), status.st_nlink);
    else if (layer != kUpper && removed)
      status.st_nlink = 0;
  } else if (removed) {
    status.st_nlink = 0;
  } else if (options().static_nlink) {
    status.st_nlink = 1;
  } else if (merged) {
    const auto count = subdirectories(node);
    status.st_nlink = count ? 2 + *count : 1;  // 1: not known, as for directories of btrfs
  }
  return status;
}

Result<struct stat> Overlay::attributes(const NodePtr& node) {
  const std::shared_lock lock(shape_);
  return attributes_now(node);
}

Result<struct stat> Overlay::attributes_now(const NodePtr& node) {
  const Place place = TRY(copy_up_.place(node));
  const struct stat raw = TRY(place.dir->status(place.name.c_str()));
  return shown(node, *place.dir, place.layer, place.name.c_str(), raw);
}

Seen Overlay::known(const NodePtr& parent, const std::string& name, const LayerDir& dir,
                    const Layers& layers, const struct stat& raw) {
  Seen seen;
  seen.node = tree_.add(parent, name, stack_->fresh(dir, name.c_str(), layers, raw));
  seen.attributes = shown(seen.node, dir, layers.top(), name.c_str(), raw);
  return seen;
}

Result<std::optional<Seen>> Overlay::look_up(const NodePtr& parent, const std::string& name) {
  const std::shared_lock lock(shape_);
  if (NodePtr node = tree_.find(*parent, name)) {
    auto status = attributes_now(node);
    if (status) return std::optional(Seen{std::move(node), *status});
    tree_.forget(node->id, 1);
    return status.error();
  }
  const auto found = TRY(merge_.look_up(parent, name.c_str()));
  if (!found) return std::optional<Seen>();
  return std::optional(known(parent, name, *found->directory, found->layers, found->raw));
}

Result<std::optional<Seen>> Overlay::look_up_listed(const NodePtr& parent, const Listed& entry) {
  const bool simple = entry.type != DT_DIR && entry.type != DT_UNKNOWN;
  if (!simple) return look_up(parent, entry.name);
  const std::shared_lock lock(shape_);
  if (NodePtr node = tree_.find(*parent, entry.name)) {  // it may be in another layer by now
    auto status = attributes_now(node);
    if (status) return std::optional(Seen{std::move(node), *status});
    tree_.forget(node->id, 1);
    return std::optional<Seen>();
  }
  const LayerDirPtr dir = TRY(directories_.open(parent, entry.layer));
  const auto raw = dir->status(entry.name.c_str());
  if (!raw) return std::optional<Seen>();  // removed since it was listed
  if (S_ISDIR(raw->st_mode) || is_whiteout(*dir, entry.name.c_str(), *raw))
    return std::optional<Seen>();
  return std::optional(known(parent, entry.name, *dir, entry.layer, *raw));
}

Result<std::string> Overlay::link_text(const NodePtr& node) {
  const std::shared_lock lock(shape_);
  const Place place = TRY(copy_up_.place(node));
  return place.dir->link_text(place.name.c_str());
}

Result<struct statvfs> Overlay::filesystem() const {
  for (size_t i = 0; i < stack_->size(); ++i) {
    const LayerDirPtr& root = stack_->root(static_cast<LayerIndex>(i));
    if (root) return root->filesystem();
  }
  return Error::because(ENOSYS, "no layer is on a file system");
}

}  // namespace wolffia::overlay
