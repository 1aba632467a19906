// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/noted.hpp"
#include "overlay/layer.hpp"

/// What the kernel knows of the mount: a node for each file it has looked up and not forgotten.
namespace wolffia::overlay {

/// Which layer a file lies in: 0 is the upper one, the lower ones follow, topmost first.
using LayerIndex = uint16_t;
inline constexpr LayerIndex kUpper = 0;

/// The layers a file is seen in, topmost first: one, or for a merged directory several.
class Layers {
 public:
  Layers(LayerIndex top) : top_(top) {}  // NOLINT(google-explicit-constructor): one is usual
  LayerIndex top() const { return top_; }
  bool in_upper() const { return top_ == kUpper; }
  bool merged() const { return !more_.empty(); }
  void add_below(LayerIndex layer) { more_.push_back(layer); }
  void add_upper() {
    more_.insert(more_.begin(), top_);
    top_ = kUpper;
  }
  void only(LayerIndex layer) {
    top_ = layer;
    more_.clear();
  }
  size_t size() const { return 1 + more_.size(); }
  LayerIndex operator[](size_t i) const { return i == 0 ? top_ : more_[i - 1]; }
  LayerIndex lowest() const { return more_.empty() ? top_ : more_.back(); }

 private:
  LayerIndex top_;
  std::vector<LayerIndex> more_;
};

/// A file of a layer by its own number there.
struct RawInode {
  LayerIndex layer = 0;
  uint64_t number = 0;
  bool operator==(const RawInode&) const = default;
};

struct RawInodeHash {
  size_t operator()(const RawInode& it) const {
    return std::hash<uint64_t>()(it.number * 0x9e3779b97f4a7c15U ^ it.layer);
  }
};

/// Where a file is found that has no name any more.
struct Kept {
  LayerDirPtr dir;
  std::string name;  // empty: it is `dir`, whatever kind of file it is
};

struct Node;
using NodePtr = std::shared_ptr<Node>;

/// One file as the mount shows it, under however many names.
struct Node {
  Node(uint64_t number, uint64_t shown_inode, mode_t mode, Layers seen_in)
      : id(number), inode(shown_inode), type(mode & S_IFMT), layers(std::move(seen_in)) {}
  bool is_directory() const { return S_ISDIR(type); }

  const uint64_t id;     // what FUSE calls it
  const uint64_t inode;  // st_ino, the same before and after it is copied up
  const mode_t type;     // S_IFMT

  std::mutex mutex;            // held while it is copied up, and for what follows
  Layers layers;               // guarded by mutex
  std::unique_ptr<Kept> kept;  // guarded by mutex; set as its last name goes
  int subdirectories = -1;     // guarded by mutex; of a merged directory; -1: not counted
  int names_hidden = -1;       // guarded by mutex; of a lower file with several; -1: not counted
  std::unique_ptr<Noted> becomes;  // guarded by mutex; what takes its place when its name goes

  std::atomic<bool> told_names{false};  // of a directory: a listing told names of files only
  std::atomic<unsigned> writers{0};  // handles that may write: the kernel may hold what they wrote
  std::atomic<unsigned> runs{0};     // handles of programs that run

  struct Name {
    Node* parent = nullptr;
    const std::string* name = nullptr;  // the key in parent->children
  };
  // All guarded by the tree's mutex.
  uint64_t lookups = 0;
  std::vector<Name> names;  // empty: it has none any more
  std::vector<RawInode> known_as;
  std::unique_ptr<std::unordered_map<std::string, Node*>> children;  // of a directory
};

}  // namespace wolffia::overlay
