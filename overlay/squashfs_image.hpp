// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqfs/block.h>
#include <sqfs/compressor.h>
#include <sqfs/super.h>
#include <sys/statvfs.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "overlay/squashfs_ahead.hpp"
#include "overlay/squashfs_cache.hpp"
#include "sys/fd.hpp"

namespace wolffia::overlay {

/// What all images of a mount share.
struct ImageMeans {
  explicit ImageMeans(unsigned threads);
  BlockCache contents;
  BlockCache metadata;
  std::atomic<uint64_t> images{0};
  Ahead ahead;  // the last one: its threads use what stands above
};

/// A place in the metadata of an image: a block by where it begins in the file, and a byte of what
/// it is when it is decompressed.
struct MetaPlace {
  uint64_t block = 0;
  uint32_t offset = 0;
  BlockPtr held = nullptr;  // that block, for who reads on; may be null
};

/// What was found in an image is not what the format allows. All that comes of it is EIO.
Error damaged(const char* what);

/// An image that is open: its blocks, by place. Every method may be called by several threads.
/// libsquashfs has the layout and the compressors. Its readers are not used: each has one block and
/// is of one thread, and they allocate what an image says.
class Image {
 public:
  static Result<std::shared_ptr<Image>> open(sys::Fd file, std::shared_ptr<ImageMeans> means);

  const sqfs_super_t& super() const { return super_; }
  uint64_t device() const { return device_; }
  ImageMeans& means() const { return *means_; }
  struct statvfs filesystem() const;

  /// Copies metadata from `at` on, and moves `at` behind them.
  Result<void> read(MetaPlace& at, std::span<char> into) const;
  template <class T>
  Result<void> read_into(T& value, MetaPlace& at) const {
    return read(at, {reinterpret_cast<char*>(&value), sizeof value});
  }
  template <class T>
  Result<T> read(MetaPlace& at) const {
    T value{};
    TRY(read_into(value, at));
    return value;
  }
  Result<void> skip(MetaPlace& at, uint64_t bytes) const;
  /// A number of the file itself.
  Result<uint64_t> number(uint64_t at) const;
  /// Where entry `index` of a table is, whose list of blocks begins at `table`.
  Result<MetaPlace> entry(uint64_t table, uint64_t index, size_t size) const;

  /// A block of contents, whose size on disk is as an inode or the table of fragments says it.
  Result<BlockPtr> contents(uint64_t at, uint32_t size) const;
  /// Whether it has been decompressed, or is being.
  bool has_contents(uint64_t at) const { return means_->contents.has({number_, at}); }

  Result<uint32_t> id(uint16_t index) const;
  Result<sqfs_fragment_t> fragment(uint32_t index) const;

  /// Whether the directory may be below that parent: it has one only, so that no path is endless.
  bool adopt(uint64_t directory, uint64_t parent) const;

 private:
  Image(sys::Fd file, std::shared_ptr<ImageMeans> means, const sqfs_super_t& super)
      : file_(std::move(file)), means_(std::move(means)), super_(super) {}

  struct Destroy {
    void operator()(sqfs_compressor_t* it) const { ::sqfs_destroy(it); }
  };
  using Compressor = std::unique_ptr<sqfs_compressor_t, Destroy>;
  Result<Compressor> take_compressor() const;
  void give_back(Compressor compressor) const;
  Result<size_t> decompress(std::span<const char> from, std::span<char> into) const;
  Result<void> read_file(uint64_t at, std::span<char> into) const;
  Result<BlockPtr> load_metadata(uint64_t at) const;
  Result<BlockPtr> load_contents(uint64_t at, uint32_t size) const;
  Result<BlockPtr> metadata(uint64_t at) const;
  Result<std::span<const char>> rest_of_block(MetaPlace& at) const;
  Result<void> read_ids();

  sys::Fd file_;
  std::shared_ptr<ImageMeans> means_;
  sqfs_super_t super_;
  uint64_t number_ = 0;
  uint64_t device_ = 0;
  std::vector<uint32_t> ids_;
  mutable std::mutex mutex_;
  mutable std::vector<Compressor> idle_;                      // guarded by mutex_
  mutable std::unordered_map<uint64_t, uint64_t> parent_of_;  // guarded by mutex_
};

}  // namespace wolffia::overlay
