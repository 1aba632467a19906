// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <shared_mutex>
#include <string>
#include <vector>

#include "overlay/link_groups.hpp"
#include "overlay/merge.hpp"
#include "overlay/turns.hpp"
#include "overlay/upper.hpp"

namespace wolffia::overlay {

/// Where the file of a node is at this moment: `name` in `dir`; an empty name is `dir` itself.
struct Place {
  LayerDirPtr dir;
  std::string name;
  LayerIndex layer = 0;
  sys::FileAt at() const { return {*dir->fd(), name.c_str()}; }  // of the upper layer
};

enum class Contents : bool { Leave, Copy };

/// Brings files into the upper layer before they are changed. A copy gets its name when it is
/// whole and, unless the mount is volatile, on disk. Lower layers do not change, so a file can be
/// copied while others rename and remove what they like: `shape`, which says where files are, is
/// held while the copy gets its name. Whoever calls holds it, unless another thing is said.
class CopyUp {
 public:
  using Shape = std::shared_mutex;
  CopyUp(Stack& stack, Tree& tree, Directories& directories, Merge& merge, const Upper* upper,
         Shape& shape)
      : stack_(stack),
        tree_(tree),
        directories_(directories),
        merge_(merge),
        upper_(upper),
        shape_(shape),
        groups_(stack) {}

  /// Takes the shape, which others can have meanwhile, when the contents of `node` that a change
  /// leaves are in the upper layer. Precondition: it is not held.
  Result<std::shared_lock<Shape>> shape_for_change(const NodePtr& node,
                                                   Contents contents = Contents::Copy);
  /// Where `node` is now. Errors: ENOENT, ESTALE.
  Result<Place> place(const NodePtr& node);
  /// The same in the upper layer, where it is brought if it is not there. Errors: EROFS.
  Result<Place> upper_place(const NodePtr& node, Contents contents = Contents::Copy);
  /// The directory of `node` in the upper layer.
  Result<LayerDirPtr> upper_directory(const NodePtr& node);
  /// The child of that name, counted as looked up once more. Errors: ENOENT.
  Result<NodePtr> existing(const NodePtr& parent, const std::string& name);
  /// All that is in a directory, which then shows nothing of the layers below.
  Result<void> whole(const NodePtr& node);
  /// How many names of a file of a lower layer with several the mount does not show.
  Result<size_t> names_hidden(const RawInode& raw);
  /// Brings a file, or all that is in a directory, as far as it can be brought while others change
  /// it: the directory shows what it has shown. Precondition: the shape is not held.
  void ahead(const NodePtr& node);

 private:
  Result<void> bring(const NodePtr& node, Contents contents);
  Result<void> bring_apart(const NodePtr& node);
  Result<void> bring_directory(const NodePtr& node);
  Result<Upper::Staged> copy(const LayerDir& from, LayerIndex layer, const char* name,
                             Contents contents) const;
  Result<void> show(const NodePtr& node, const Place& from, const Upper::Staged& copied);
  Result<void> copy_contents(const LayerDir& from, const char* name, const sys::FileAt& to,
                             uint64_t size) const;
  Result<void> copy_attributes(const LayerDir& from, const char* name, const sys::FileAt& to) const;
  /// Nodes that are looked up for our own sake, and forgotten afterwards.
  class Borrowed {
   public:
    explicit Borrowed(Tree& tree) : tree_(tree) {}
    Borrowed(const Borrowed&) = delete;
    ~Borrowed();
    void add(NodePtr node) { nodes_.push_back(std::move(node)); }

   private:
    Tree& tree_;
    std::vector<NodePtr> nodes_;
  };
  using Names = std::vector<std::pair<NodePtr, std::string>>;
  Result<Names> names_shown(const RawInode& raw, Borrowed& borrowed);
  Result<Names> names_to_give(const Node& node, const RawInode& raw, bool several,
                              Borrowed& borrowed);
  Result<NodePtr> resolve(const std::string& path, Borrowed& borrowed);
  Result<NodePtr> child(const NodePtr& parent, const std::string& name, Borrowed& borrowed);

  Stack& stack_;
  Tree& tree_;
  Directories& directories_;
  Merge& merge_;
  const Upper* upper_;  // null: nothing can be changed
  Shape& shape_;
  Turns turns_;  // who copies the contents of a file
  LinkGroups groups_;
};

}  // namespace wolffia::overlay
