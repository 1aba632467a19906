// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_directory.hpp"

#include <dirent.h>
#include <endian.h>
#include <malloc.h>
#include <sqfs/dir.h>
#include <sqfs/inode.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "overlay/squashfs.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kLongestName = 255;
constexpr uint64_t kUnlisted = 3;               // what a directory's size says for "." and ".."
constexpr uint64_t kLongestListing = 32 << 20;  // a million entries and more
constexpr uint32_t kMostBehindHeader = 256;

struct Named {
  Entry entry;
  uint64_t reference = 0;
};

bool is_name(std::string_view name) {
  return name != "." && name != ".." && name.find_first_of(std::string_view("/\0", 2)) == name.npos;
}

/// The entries of a directory, in their order, which is that of their names' bytes: no name comes
/// twice. Headers in between have what the following ones share.
class Listing {
 public:
  Listing(const Image& image, const Inode& directory)
      : image_(image),
        at_{image.super().directory_table_start + directory.start, directory.offset},
        left_(directory.size > kUnlisted ? directory.size - kUnlisted : 0) {}

  /// Goes to a header that begins `bytes` behind the first one, in the block at `start`.
  void begin_at(uint64_t bytes, uint64_t start, uint32_t offset) {
    at_ = {start, offset};
    left_ -= std::min(left_, bytes);
  }

  /// False at the end. What is in `into` is valid until the next call.
  Result<bool> next(Named& into) {
    if (left_ > kLongestListing) return damaged("the size of a directory");
    if (count_ == 0) {
      if (left_ == 0) return false;
      TRY(read_header());
    }
    sqfs_dir_entry_t raw{};
    TRY(image_.read_into(raw, at_));
    const size_t size = size_t{le16toh(raw.size)} + 1;
    if (size > kLongestName) return damaged("the name of a file");
    TRY(take(sizeof raw + size));
    std::array<char, kLongestName>& name = names_[turn_ ^= 1];
    TRY(image_.read(at_, {name.data(), size}));
    const std::string_view text(name.data(), size);
    if (!is_name(text) || text <= before_) return damaged("the name of a file");
    before_ = text;
    --count_;
    const auto difference = static_cast<int16_t>(le16toh(static_cast<uint16_t>(raw.inode_diff)));
    const uint32_t number = number_ + static_cast<uint32_t>(int32_t{difference});
    into.entry = {text, number, entry_type(le16toh(raw.type))};
    into.reference = block_ << 16 | le16toh(raw.offset);
    if (into.entry.type == 0) return damaged("the type of a file");
    return true;
  }

 private:
  Result<void> take(uint64_t bytes) {
    if (bytes > left_) return damaged("the size of a directory");
    left_ -= bytes;
    return {};
  }
  Result<void> read_header() {
    const auto raw = TRY(image_.read<sqfs_dir_header_t>(at_));
    TRY(take(sizeof raw));
    if (le32toh(raw.count) >= kMostBehindHeader) return damaged("a directory");
    count_ = le32toh(raw.count) + 1;
    block_ = le32toh(raw.start_block);
    number_ = le32toh(raw.inode_number);
    return {};
  }

  const Image& image_;
  MetaPlace at_;
  uint64_t left_;
  uint32_t count_ = 0;  // of entries before the next header
  uint64_t block_ = 0;
  uint32_t number_ = 0;
  std::array<std::array<char, kLongestName>, 2> names_;
  size_t turn_ = 0;
  std::string_view before_;  // in one of names_
};

class ImageDirectory : public LayerDir {
 public:
  ImageDirectory(std::shared_ptr<const Image> image, const Inode& inode)
      : image_(std::move(image)), inode_(inode) {}

  Result<struct stat> status(const char* name) const override {
    return status_of(*image_, TRY(inode(name)));
  }
  Result<LayerDirPtr> directory(const char* name) const override {
    const Inode found = TRY(inode(name));
    if (!S_ISDIR(found.mode)) return Error::because(ENOTDIR, "it is no directory");
    if (*name != '\0' && !image_->adopt(found.reference, inode_.reference))
      return damaged("a directory is in several places");
    return image_directory(image_, found);
  }
  Result<void> list(const std::function<bool(const Entry&)>& visit) const override {
    Listing listing(*image_, inode_);
    Named named;
    while (TRY(listing.next(named)))
      if (!visit(named.entry)) break;
    return {};
  }
  Result<std::string> link_text(const char* name) const override {
    return overlay::link_text(*image_, TRY(inode(name)));
  }
  Result<std::string> attribute(const char* name, const char* key) const override {
    for (auto& [known, value] : TRY(attributes_of(*image_, TRY(inode(name)))))
      if (known == key) return std::move(value);
    return Error::because(ENODATA, "it has no such attribute");
  }
  Result<std::vector<std::string>> attribute_names(const char* name) const override {
    std::vector<std::string> names;
    for (auto& [key, value] : TRY(attributes_of(*image_, TRY(inode(name)))))
      names.push_back(std::move(key));
    return names;
  }
  Result<std::unique_ptr<Content>> open(const char* name) const override {
    return image_content(image_, TRY(inode(name)));
  }
  Result<struct statvfs> filesystem() const override { return image_->filesystem(); }

 private:
  Result<Inode> inode(const char* name) const;
  Result<void> go_near(Listing& listing, std::string_view name) const;

  const std::shared_ptr<const Image> image_;
  const Inode inode_;
};

Result<Inode> ImageDirectory::inode(const char* name) const {
  const std::string_view wanted(name);
  if (wanted.empty()) return inode_;
  if (wanted.size() > kLongestName) return Error::because(ENAMETOOLONG, "the name is too long");
  Listing listing(*image_, inode_);
  TRY(go_near(listing, wanted));
  Named named;
  while (TRY(listing.next(named))) {
    if (named.entry.name > wanted) break;
    if (named.entry.name < wanted) continue;
    Inode found = TRY(read_inode(*image_, named.reference));
    if (IFTODT(found.mode) != named.entry.type) return damaged("the type of a file");
    return found;
  }
  return Error::because(ENOENT, "the directory has no such name");
}

/// A long directory has an index: for each block of its listing but the first, where a header is
/// and which name follows.
Result<void> ImageDirectory::go_near(Listing& listing, std::string_view name) const {
  MetaPlace at = inode_.tail;
  std::array<char, kLongestName> first;
  uint64_t bytes = 0;
  uint64_t start = 0;
  for (uint32_t i = 0; i < inode_.index_entries; ++i) {
    sqfs_dir_index_t raw{};
    TRY(image_->read_into(raw, at));
    const size_t size = size_t{le32toh(raw.size)} + 1;
    if (size > kLongestName) return damaged("the index of a directory");
    TRY(image_->read(at, {first.data(), size}));
    if (std::string_view(first.data(), size) > name) break;
    bytes = le32toh(raw.index);
    start = le32toh(raw.start_block);
  }
  if (bytes > inode_.size) return damaged("the index of a directory");
  if (bytes > 0)
    listing.begin_at(bytes, image_->super().directory_table_start + start,
                     static_cast<uint32_t>((inode_.offset + bytes) % SQFS_META_BLOCK_SIZE));
  return {};
}

/// Blocks, and what decompressing takes, come and go by the hundred a second: given back to the
/// system each time they would cost as much in page faults as in decompression.
void keep_memory() {
  constexpr int kLargest = 4 << 20;
  constexpr int kKept = 16 << 20;
  (void)::mallopt(M_MMAP_THRESHOLD, kLargest);
  (void)::mallopt(M_TRIM_THRESHOLD, kKept);
}

}  // namespace

LayerDirPtr image_directory(std::shared_ptr<const Image> image, const Inode& inode) {
  return std::make_shared<ImageDirectory>(std::move(image), inode);
}

ImageOpener::ImageOpener(unsigned threads) : means_(std::make_shared<ImageMeans>(threads)) {}

Result<LayerDirPtr> ImageOpener::open(sys::Fd file) const {
  const auto image = TRY(Image::open(std::move(file), means_));
  keep_memory();
  const Inode root = TRY(read_inode(*image, image->super().root_inode_ref));
  if (!S_ISDIR(root.mode)) return damaged("its root is no directory");
  (void)image->adopt(root.reference, root.reference);
  return image_directory(image, root);
}

}  // namespace wolffia::overlay
