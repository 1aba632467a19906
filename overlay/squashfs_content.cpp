// SPDX-License-Identifier: Apache-2.0
#include <endian.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "overlay/squashfs_directory.hpp"

namespace wolffia::overlay {
namespace {

constexpr uint64_t kAhead = 1 << 20;  // bytes that are decompressed before they are asked for
constexpr uint64_t kMostBlocks = uint64_t{1} << 26;  // of one file: 8 TiB of the usual ones
constexpr uint64_t kStep = 1024;  // blocks between two places that are remembered

/// Where blocks of a file are: an inode has their sizes only, one after the other.
class BlockList {
 public:
  BlockList(const Image& image, const Inode& inode) : image_(image) {
    known_.push_back({inode.tail, inode.start});
  }

  struct Extent {
    uint64_t at = 0;
    uint32_t size = 0;  // as the inode has it; 0 for a hole
  };
  /// The blocks from `first` on, one for each of `into`.
  Result<void> read(uint64_t first, std::span<Extent> into) const {
    Reached here;
    uint64_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      const uint64_t step = std::min<uint64_t>(first / kStep, known_.size() - 1);
      here = known_[step];
      index = step * kStep;
      if (last_index_ <= first && last_index_ > index) {
        here = last_;
        index = last_index_;
      }
    }
    std::array<uint32_t, kStep> sizes;
    for (const uint64_t end = first + into.size(); index < end;) {
      if (index % kStep == 0) remember(index / kStep, here);
      const size_t count = std::min(kStep - index % kStep, end - index);
      TRY(image_.read(here.list, {reinterpret_cast<char*>(sizes.data()), count * sizeof sizes[0]}));
      for (size_t i = 0; i < count; ++i, ++index) {
        const uint32_t size = le32toh(sizes[i]);
        if (index >= first) into[index - first] = {here.at, size};
        here.at += SQFS_ON_DISK_BLOCK_SIZE(size);
      }
    }
    here.list.held = nullptr;  // it may be kept for long
    const std::lock_guard lock(mutex_);
    last_ = here;
    last_index_ = index;
    return {};
  }

 private:
  struct Reached {
    MetaPlace list;
    uint64_t at = 0;
  };
  void remember(uint64_t step, const Reached& here) const {
    const std::lock_guard lock(mutex_);
    if (known_.size() != step) return;
    known_.push_back(here);
    known_.back().list.held = nullptr;
  }

  const Image& image_;
  mutable std::mutex mutex_;
  mutable std::vector<Reached> known_;  // guarded by mutex_; of each kStep'th block
  mutable Reached last_;                // guarded by mutex_; behind what was read last
  mutable uint64_t last_index_ = 0;     // guarded by mutex_
};

class ImageContent : public Content {
 public:
  ImageContent(std::shared_ptr<const Image> image, const Inode& inode)
      : image_(std::move(image)), inode_(inode), list_(*image_, inode_) {}

  Result<size_t> read(uint64_t offset, std::span<char> into) const override {
    if (offset >= inode_.size) return size_t{0};
    into = into.first(std::min<uint64_t>(into.size(), inode_.size - offset));
    read_ahead(offset, into.size());
    for (size_t done = 0; done < into.size();)
      done += TRY(read_part(offset + done, into.subspan(done)));
    return into.size();
  }
  Result<View> view(uint64_t offset, size_t size) const override;
  Result<uint64_t> seek(uint64_t offset, int whence) const override;

  /// Those that lie in blocks of their own; a rest may be in a fragment.
  uint64_t blocks() const {
    const uint64_t whole = inode_.size / block_size();
    const bool rest = inode_.size % block_size() != 0;
    return whole + (rest && inode_.fragment == kNone ? 1 : 0);
  }

 private:
  uint64_t block_size() const { return image_->super().block_size; }
  struct Part {
    BlockPtr block;
    size_t skipped = 0;
    size_t size = 0;
    std::span<const char> bytes() const { return block->bytes().subspan(skipped, size); }
  };
  Result<Part> part(uint64_t offset, size_t most) const;
  Result<size_t> read_part(uint64_t offset, std::span<char> into) const;
  Result<BlockPtr> fragment() const;
  void read_ahead(uint64_t offset, size_t size) const;

  const std::shared_ptr<const Image> image_;
  const Inode inode_;
  const BlockList list_;
  mutable std::atomic<uint64_t> expected_{
      UINT64_MAX};                          // where a reader goes on who reads all of it
  mutable std::atomic<uint64_t> ahead_{0};  // the first block that nobody was asked to decompress
};

Result<BlockPtr> ImageContent::fragment() const {
  const sqfs_fragment_t found = TRY(image_->fragment(inode_.fragment));
  return image_->contents(found.start_offset, found.size);
}

/// What one block has of it from `offset` on, at most `most` bytes; of a hole no block is held.
Result<ImageContent::Part> ImageContent::part(uint64_t offset, size_t most) const {
  const uint64_t index = offset / block_size();
  const uint64_t begin = index * block_size();
  const size_t length = std::min(block_size(), inode_.size - begin);  // of the block
  size_t skipped = offset - begin;
  Part part{nullptr, 0, std::min(most, length - skipped)};
  if (index >= blocks()) {
    part.block = TRY(fragment());
    skipped += inode_.offset;
  } else {
    std::array<BlockList::Extent, 1> extent;
    TRY(list_.read(index, extent));
    if (SQFS_IS_SPARSE_BLOCK(extent[0].size)) return part;
    part.block = TRY(image_->contents(extent[0].at, extent[0].size));
  }
  const size_t size = part.block->bytes().size();
  if (skipped > size || part.size > size - skipped)
    return damaged("a block is shorter than the file");
  part.skipped = skipped;
  return part;
}

Result<size_t> ImageContent::read_part(uint64_t offset, std::span<char> into) const {
  const Part found = TRY(part(offset, into.size()));
  if (found.block)
    std::memcpy(into.data(), found.bytes().data(), found.size);
  else
    std::fill_n(into.begin(), found.size, '\0');
  return found.size;
}

Result<Content::View> ImageContent::view(uint64_t offset, size_t size) const {
  if (offset >= inode_.size || size == 0) return View{};
  size = std::min<uint64_t>(size, inode_.size - offset);
  if (offset / block_size() != (offset + size - 1) / block_size()) return View{};
  read_ahead(offset, size);
  Part found = TRY(part(offset, size));
  if (!found.block) return View{};
  const auto bytes = found.bytes();
  return View{std::move(found.block), bytes};
}

/// Has the next blocks decompressed for who reads one part after the other. The kernel asks for
/// parts in any order, but not for those far away.
void ImageContent::read_ahead(uint64_t offset, size_t size) const {
  const uint64_t end = offset + size;
  const uint64_t expected = expected_.exchange(end);
  const bool goes_on = offset == 0 || (offset <= expected && end + kAhead >= expected);
  if (!goes_on) {
    ahead_ = 0;
    return;
  }
  const uint64_t next = (end + block_size() - 1) / block_size();
  const uint64_t last = std::min(blocks(), (end + kAhead) / block_size());
  uint64_t first = ahead_.load();
  if (first >= last && offset != 0) return;
  first = offset == 0 ? next : std::max(first, next);
  if (first >= last) return;
  ahead_ = last;
  std::array<BlockList::Extent, kAhead / SQFS_MIN_BLOCK_SIZE + 1> extents;
  const std::span<BlockList::Extent> some(extents.data(), last - first);
  if (!list_.read(first, some)) return;
  for (const BlockList::Extent& extent : some) {
    if (SQFS_IS_SPARSE_BLOCK(extent.size) || image_->has_contents(extent.at)) continue;
    image_->means().ahead.add(
        [image = image_, extent] { (void)image->contents(extent.at, extent.size); });
  }
}

Result<uint64_t> ImageContent::seek(uint64_t offset, int whence) const {
  if (offset >= inode_.size) return Error::because(ENXIO, "it is behind the end");
  const bool wants_data = whence == SEEK_DATA;
  std::array<BlockList::Extent, kStep> extents;
  for (uint64_t first = offset / block_size(); first < blocks(); first += kStep) {
    const std::span<BlockList::Extent> some(extents.data(), std::min(kStep, blocks() - first));
    TRY(list_.read(first, some));
    for (size_t i = 0; i < some.size(); ++i)
      if (SQFS_IS_SPARSE_BLOCK(some[i].size) != wants_data)
        return std::max(offset, (first + i) * block_size());
  }
  const uint64_t rest = std::max(offset, blocks() * block_size());
  if (wants_data && rest < inode_.size) return rest;  // the fragment
  if (wants_data) return Error::because(ENXIO, "only a hole follows");
  return inode_.size;
}

}  // namespace

Result<std::unique_ptr<Content>> image_content(std::shared_ptr<const Image> image,
                                               const Inode& inode) {
  if (!S_ISREG(inode.mode)) return Error::because(EINVAL, "it is no regular file");
  auto content = std::make_unique<ImageContent>(std::move(image), inode);
  if (content->blocks() > kMostBlocks) return damaged("the size of a file");
  return std::unique_ptr<Content>(std::move(content));
}

}  // namespace wolffia::overlay
