// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "overlay/node.hpp"

namespace wolffia::overlay {

/// Every node, by number and by name. In memory only, so that its one lock is never held over a
/// system call. A node lives while the kernel knows it or a child of it.
class Tree {
 public:
  explicit Tree(NodePtr root);

  NodePtr root() const { return root_; }
  /// Null for a number that the kernel was not given or has forgotten.
  NodePtr get(uint64_t id) const;
  /// The child that is known already, counted as looked up once more; else null.
  NodePtr find(const Node& parent, const std::string& name);

  struct Fresh {
    uint64_t inode = 0;
    mode_t type = 0;
    Layers layers = 0;
    std::optional<RawInode> link;  // set where the file has several names
  };
  /// The node of `name`, made now or by whoever was faster; counted as looked up once.
  NodePtr add(const NodePtr& parent, const std::string& name, const Fresh& fresh);

  /// One more name for `node`, which is counted as looked up once more.
  void add_name(const NodePtr& node, const NodePtr& parent, const std::string& name);
  /// `raw` stands for `node` from now on: another name of that file is this node.
  void know_as(Node& node, RawInode raw);

  /// The name is gone. What the kernel still knows stays, without it.
  void remove_name(const Node& parent, const std::string& name);
  void move(const NodePtr& from, const std::string& old_name, const NodePtr& to,
            const std::string& new_name);
  void exchange(const NodePtr& from, const std::string& old_name, const NodePtr& to,
                const std::string& new_name);
  void forget(uint64_t id, uint64_t lookups);

  /// One of the places where `node` is: null and "" for one without a name, and for the root.
  std::pair<NodePtr, std::string> place(const Node& node) const;
  /// All of them.
  std::vector<std::pair<NodePtr, std::string>> places(const Node& node) const;

 private:
  using Children = std::unordered_map<std::string, Node*>;
  Node* child(const Node& parent, const std::string& name) const;
  void put(Node& node, Node& parent, const std::string& name);
  Node* take(Node& parent, const std::string& name);
  void drop_if_unused(const Node& node);

  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, NodePtr> nodes_;                      // guarded by mutex_
  std::unordered_map<RawInode, Node*, RawInodeHash> several_names_;  // guarded by mutex_
  uint64_t next_ = 2;                                                // guarded by mutex_
  const NodePtr root_;
};

/// A node that was counted as looked up for our own sake.
class Counted {
 public:
  Counted(Tree& tree, NodePtr node) : tree_(tree), node_(std::move(node)) {}
  Counted(Counted&& other) noexcept : tree_(other.tree_), node_(std::move(other.node_)) {}
  Counted(const Counted&) = delete;
  ~Counted() {
    if (node_) tree_.forget(node_->id, 1);
  }
  const NodePtr& node() const { return node_; }

 private:
  Tree& tree_;
  NodePtr node_;
};

}  // namespace wolffia::overlay
