// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "overlay/squashfs_image.hpp"

namespace wolffia::overlay {

inline constexpr uint32_t kNone = UINT32_MAX;  // no fragment, no attributes

/// A file as an image has it.
struct Inode {
  uint64_t reference = 0;  // its place in the table: what tells it from all others
  mode_t mode = 0;         // with S_IFMT
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t modified = 0;  // seconds
  uint32_t number = 0;
  uint32_t links = 1;
  uint64_t size = 0;
  uint64_t sparse = 0;  // bytes of it that are not stored
  uint32_t device = 0;
  uint32_t attributes = kNone;
  uint64_t start = 0;  // a directory's first block behind the table, or a file's in the image
  uint32_t offset = 0;
  uint32_t fragment = kNone;
  uint32_t index_entries = 0;  // of a directory
  MetaPlace tail;              // what follows: sizes of blocks, an index, or a link's target
};

/// Errors: EIO.
Result<Inode> read_inode(const Image& image, uint64_t reference);

struct stat status_of(const Image& image, const Inode& inode);

Result<std::string> link_text(const Image& image, const Inode& inode);

/// What an image has as the type of a directory's entry, as DT_*; 0 for what is none.
unsigned char entry_type(unsigned type);

using Attribute = std::pair<std::string, std::string>;
/// All attributes of a file. Errors: EIO, also where there is more than Linux lets files have.
Result<std::vector<Attribute>> attributes_of(const Image& image, const Inode& inode);

}  // namespace wolffia::overlay
