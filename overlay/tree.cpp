// SPDX-License-Identifier: Apache-2.0
#include "overlay/tree.hpp"

#include <algorithm>

namespace wolffia::overlay {

Tree::Tree(NodePtr root) : root_(std::move(root)) {
  root_->lookups = 1;  // the kernel never looks it up, and forgets it with the mount
  nodes_.emplace(root_->id, root_);
}

NodePtr Tree::get(uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second;
}

Node* Tree::child(const Node& parent, const std::string& name) const {
  if (!parent.children) return nullptr;
  const auto found = parent.children->find(name);
  return found == parent.children->end() ? nullptr : found->second;
}

NodePtr Tree::find(const Node& parent, const std::string& name) {
  const std::lock_guard lock(mutex_);
  Node* node = child(parent, name);
  if (!node) return nullptr;
  ++node->lookups;
  return nodes_.at(node->id);
}

void Tree::put(Node& node, Node& parent, const std::string& name) {
  if (!parent.children) parent.children = std::make_unique<Children>();
  const auto [at, fresh] = parent.children->emplace(name, &node);
  if (!fresh) return;
  node.names.push_back({&parent, &at->first});
}

/// The node that had the name; null where none is known.
Node* Tree::take(Node& parent, const std::string& name) {
  if (!parent.children) return nullptr;
  const auto found = parent.children->find(name);
  if (found == parent.children->end()) return nullptr;
  Node* node = found->second;
  std::erase_if(node->names, [&](const Node::Name& it) { return it.name == &found->first; });
  parent.children->erase(found);
  if (parent.children->empty()) parent.children.reset();
  return node;
}

NodePtr Tree::add(const NodePtr& parent, const std::string& name, const Fresh& fresh) {
  const std::lock_guard lock(mutex_);
  Node* node = child(*parent, name);
  if (!node && fresh.link) {
    const auto known = several_names_.find(*fresh.link);
    if (known != several_names_.end()) {
      node = known->second;
      put(*node, *parent, name);
    }
  }
  if (node) {
    ++node->lookups;
    return nodes_.at(node->id);
  }
  auto made = std::make_shared<Node>(next_++, fresh.inode, fresh.type, fresh.layers);
  made->lookups = 1;
  nodes_.emplace(made->id, made);
  put(*made, *parent, name);
  if (fresh.link && several_names_.emplace(*fresh.link, made.get()).second)
    made->known_as.push_back(*fresh.link);
  return made;
}

void Tree::add_name(const NodePtr& node, const NodePtr& parent, const std::string& name) {
  const std::lock_guard lock(mutex_);
  put(*node, *parent, name);
  ++node->lookups;
}

void Tree::know_as(Node& node, RawInode raw) {
  const std::lock_guard lock(mutex_);
  if (several_names_.emplace(raw, &node).second) node.known_as.push_back(raw);
}

void Tree::remove_name(const Node& parent, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const NodePtr where = nodes_.at(parent.id);
  if (const Node* node = take(*where, name)) drop_if_unused(*node);
  drop_if_unused(*where);
}

void Tree::move(const NodePtr& from, const std::string& old_name, const NodePtr& to,
                const std::string& new_name) {
  const std::lock_guard lock(mutex_);
  Node* moved = take(*from, old_name);
  Node* replaced = take(*to, new_name);
  if (moved) put(*moved, *to, new_name);
  if (replaced) drop_if_unused(*replaced);
}

void Tree::exchange(const NodePtr& from, const std::string& old_name, const NodePtr& to,
                    const std::string& new_name) {
  const std::lock_guard lock(mutex_);
  Node* one = take(*from, old_name);
  Node* other = take(*to, new_name);
  if (one) put(*one, *to, new_name);
  if (other) put(*other, *from, old_name);
}

void Tree::forget(uint64_t id, uint64_t lookups) {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(id);
  if (found == nodes_.end() || id == root_->id) return;
  Node& node = *found->second;
  node.lookups -= std::min(node.lookups, lookups);
  drop_if_unused(node);
}

/// Also the directories above, which may have been kept for this child only.
void Tree::drop_if_unused(const Node& node) {
  std::vector<uint64_t> unused{node.id};
  while (!unused.empty()) {
    const auto found = nodes_.find(unused.back());
    unused.pop_back();
    if (found == nodes_.end()) continue;
    const NodePtr held = found->second;
    Node& it = *held;
    if (it.lookups > 0 || it.children) continue;
    for (const Node::Name& name : std::vector<Node::Name>(it.names)) {
      const std::string key = *name.name;
      (void)take(*name.parent, key);
      unused.push_back(name.parent->id);
    }
    for (const RawInode& raw : it.known_as)
      several_names_.erase(raw);
    nodes_.erase(it.id);
  }
}

std::pair<NodePtr, std::string> Tree::place(const Node& node) const {
  const std::lock_guard lock(mutex_);
  if (node.names.empty()) return {};
  const Node::Name& name = node.names.front();
  return {nodes_.at(name.parent->id), *name.name};
}

std::vector<std::pair<NodePtr, std::string>> Tree::places(const Node& node) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<NodePtr, std::string>> all;
  for (const Node::Name& name : node.names)
    all.emplace_back(nodes_.at(name.parent->id), *name.name);
  return all;
}

}  // namespace wolffia::overlay
