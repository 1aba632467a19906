// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_image.hpp"

#include <endian.h>
#include <sqfs/error.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "overlay/squashfs.hpp"
#include "sys/data.hpp"
#include "sys/file.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kContents = 32 << 20;
constexpr size_t kMetadata = 4 << 20;
constexpr size_t kMostDirectories = 1 << 20;          // whose parents are remembered
constexpr uint64_t kImageDevice = uint64_t{1} << 63;  // no device of the kernel has this bit
constexpr uint16_t kStored = 0x8000;                  // of a metadata block: not compressed

static_assert(sizeof(sqfs_super_t) == 96, "as in the file");

void to_host(sqfs_super_t& it) {
  for (uint32_t* const field : {&it.magic, &it.inode_count, &it.modification_time, &it.block_size,
                                &it.fragment_entry_count})
    *field = le32toh(*field);
  for (uint16_t* const field : {&it.compression_id, &it.block_log, &it.flags, &it.id_count,
                                &it.version_major, &it.version_minor})
    *field = le16toh(*field);
  for (uint64_t* const field :
       {&it.root_inode_ref, &it.bytes_used, &it.id_table_start, &it.xattr_id_table_start,
        &it.inode_table_start, &it.directory_table_start, &it.fragment_table_start,
        &it.export_table_start})
    *field = le64toh(*field);
}

Result<sqfs_super_t> read_super(const sys::Fd& file) {
  sqfs_super_t super{};
  const std::span<char> bytes{reinterpret_cast<char*>(&super), sizeof super};
  if (TRY(sys::read_at(file, bytes, 0)) < bytes.size() || le32toh(super.magic) != SQFS_MAGIC)
    return Error::because(EINVAL, "it is no SquashFS image");
  to_host(super);
  if (super.version_major != SQFS_VERSION_MAJOR || super.version_minor != SQFS_VERSION_MINOR)
    return Error::because(EINVAL, cat("it is a SquashFS image of version ", super.version_major,
                                      ".", super.version_minor, ": only 4.0 can be read"));
  return super;
}

/// Tables lie behind each other, contents before them.
Result<void> check(const sqfs_super_t& it, uint64_t size) {
  const bool power = (it.block_size & (it.block_size - 1)) == 0;
  if (!power || it.block_size < SQFS_MIN_BLOCK_SIZE || it.block_size > SQFS_MAX_BLOCK_SIZE ||
      it.block_log > 20 || it.block_size != uint32_t{1} << it.block_log)
    return damaged("the size of its blocks");
  if (it.bytes_used > size || it.bytes_used < sizeof it) return damaged("it ends early");
  if (it.inode_table_start >= it.directory_table_start ||
      it.directory_table_start > it.bytes_used || it.inode_table_start < sizeof it)
    return damaged("the places of its tables");
  if (it.compression_id < SQFS_COMP_MIN || it.compression_id > SQFS_COMP_MAX)
    return Error::because(EINVAL, cat("its compression has the number ", it.compression_id,
                                      ", which stands for none: make it anew"));
  if (it.id_count == 0) return damaged("it has no owners");
  return {};
}

}  // namespace

Error damaged(const char* what) {
  return Error::because(EIO, cat("the SquashFS image is damaged: ", what));
}

bool is_image(const sys::Fd& file) {
  uint32_t magic = 0;
  const auto got = sys::read_at(file, {reinterpret_cast<char*>(&magic), sizeof magic}, 0);
  return got && *got == sizeof magic && le32toh(magic) == SQFS_MAGIC;
}

ImageMeans::ImageMeans(unsigned threads)
    : contents(kContents), metadata(kMetadata), ahead(threads) {}

Result<std::shared_ptr<Image>> Image::open(sys::Fd file, std::shared_ptr<ImageMeans> means) {
  const sqfs_super_t super = TRY(read_super(file));
  const struct stat status = TRY(sys::stat_fd(file));
  TRY(check(super, static_cast<uint64_t>(status.st_size)));
  const std::shared_ptr<Image> image(new Image(std::move(file), std::move(means), super));
  image->number_ = ++image->means_->images;
  image->device_ = kImageDevice | image->number_;
  image->give_back(TRY(image->take_compressor()));
  TRY(image->read_ids());
  return image;
}

struct statvfs Image::filesystem() const {
  struct statvfs status {};
  status.f_bsize = super_.block_size;
  status.f_frsize = super_.block_size;
  status.f_blocks = (super_.bytes_used + super_.block_size - 1) / super_.block_size;
  status.f_files = super_.inode_count;
  status.f_namemax = 255;
  return status;
}

Result<Image::Compressor> Image::take_compressor() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Compressor last = std::move(idle_.back());
      idle_.pop_back();
      return last;
    }
  }
  sqfs_compressor_config_t wanted{};
  const auto id = static_cast<SQFS_COMPRESSOR>(super_.compression_id);
  sqfs_compressor_t* made = nullptr;
  int failed =
      ::sqfs_compressor_config_init(&wanted, id, super_.block_size, SQFS_COMP_FLAG_UNCOMPRESS);
  if (failed == 0) failed = ::sqfs_compressor_create(&wanted, &made);
  if (failed == SQFS_ERROR_ALLOC) return Error::because(ENOMEM, "no memory to decompress");
  const char* const name = ::sqfs_compressor_name_from_id(id);
  if (failed != 0)
    return Error::because(EINVAL, cat("it is compressed with ", name ? name : "what is not known",
                                      ", which libsquashfs here cannot read: make it with "
                                      "another compression"));
  return Compressor(made);
}

void Image::give_back(Compressor compressor) const {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(compressor));
}

Result<size_t> Image::decompress(std::span<const char> from, std::span<char> into) const {
  Compressor compressor = TRY(take_compressor());
  const sqfs_s32 got = compressor->do_block(
      compressor.get(), reinterpret_cast<const sqfs_u8*>(from.data()),
      static_cast<sqfs_u32>(from.size()), reinterpret_cast<sqfs_u8*>(into.data()),
      static_cast<sqfs_u32>(into.size()));
  give_back(std::move(compressor));
  if (got == SQFS_ERROR_ALLOC) return Error::because(ENOMEM, "no memory to decompress");
  if (got <= 0 || static_cast<size_t>(got) > into.size())
    return damaged("a block cannot be decompressed");
  return static_cast<size_t>(got);
}

Result<void> Image::read_file(uint64_t at, std::span<char> into) const {
  if (at > super_.bytes_used || into.size() > super_.bytes_used - at)
    return damaged("something lies behind its end");
  if (TRY(sys::read_at(file_, into, at)) < into.size()) return damaged("it ends early");
  return {};
}

Result<BlockPtr> Image::load_metadata(uint64_t at) const {
  std::array<char, sizeof(uint16_t) + SQFS_META_BLOCK_SIZE> raw;
  if (at >= super_.bytes_used) return damaged("metadata lie behind its end");
  const size_t most = std::min<uint64_t>(raw.size(), super_.bytes_used - at);
  const size_t got = TRY(sys::read_at(file_, {raw.data(), most}, at));
  uint16_t header = 0;
  if (got < sizeof header) return damaged("it ends early");
  std::memcpy(&header, raw.data(), sizeof header);
  header = le16toh(header);
  const size_t size = header & (kStored - 1U);
  if (size == 0 || size > got - sizeof header) return damaged("the size of a metadata block");
  const auto block = std::make_shared<Block>(SQFS_META_BLOCK_SIZE);
  const std::span<const char> from{raw.data() + sizeof header, size};
  size_t length = size;
  if (header & kStored)
    std::memcpy(block->room().data(), from.data(), size);
  else
    length = TRY(decompress(from, block->room()));
  block->filled(length, at + sizeof header + size);
  return BlockPtr(block);
}

Result<BlockPtr> Image::metadata(uint64_t at) const {
  return means_->metadata.get({number_, at}, [&] { return load_metadata(at); });
}

/// The bytes of the block from `at` on: none at its end.
Result<std::span<const char>> Image::rest_of_block(MetaPlace& at) const {
  if (!at.held) at.held = TRY(metadata(at.block));
  const auto bytes = at.held->bytes();
  if (at.offset > bytes.size()) return damaged("a place in its metadata");
  return bytes.subspan(at.offset);
}

Result<void> Image::read(MetaPlace& at, std::span<char> into) const {
  while (!into.empty()) {
    const auto rest = TRY(rest_of_block(at));
    const size_t part = std::min(into.size(), rest.size());
    std::memcpy(into.data(), rest.data(), part);
    into = into.subspan(part);
    at.offset += static_cast<uint32_t>(part);
    if (part == rest.size()) at = {at.held->next(), 0};
  }
  return {};
}

Result<void> Image::skip(MetaPlace& at, uint64_t bytes) const {
  while (bytes > 0) {
    const auto rest = TRY(rest_of_block(at));
    const size_t part = std::min<uint64_t>(bytes, rest.size());
    bytes -= part;
    at.offset += static_cast<uint32_t>(part);
    if (part == rest.size()) at = {at.held->next(), 0};
  }
  return {};
}

Result<uint64_t> Image::number(uint64_t at) const {
  uint64_t value = 0;
  TRY(read_file(at, {reinterpret_cast<char*>(&value), sizeof value}));
  return le64toh(value);
}

Result<MetaPlace> Image::entry(uint64_t table, uint64_t index, size_t size) const {
  const uint64_t offset = index * size;
  const uint64_t block = TRY(number(table + offset / SQFS_META_BLOCK_SIZE * sizeof(uint64_t)));
  return MetaPlace{block, static_cast<uint32_t>(offset % SQFS_META_BLOCK_SIZE)};
}

Result<BlockPtr> Image::load_contents(uint64_t at, uint32_t size) const {
  const size_t on_disk = SQFS_ON_DISK_BLOCK_SIZE(size);
  if (on_disk == 0 || on_disk > super_.block_size) return damaged("the size of a block");
  const auto block = std::make_shared<Block>(super_.block_size);
  if (!SQFS_IS_BLOCK_COMPRESSED(size)) {
    TRY(read_file(at, block->room().first(on_disk)));
    block->filled(on_disk, at + on_disk);
    return BlockPtr(block);
  }
  static thread_local std::vector<char> raw;
  raw.resize(std::max<size_t>(raw.size(), super_.block_size));
  TRY(read_file(at, {raw.data(), on_disk}));
  block->filled(TRY(decompress({raw.data(), on_disk}, block->room())), at + on_disk);
  return BlockPtr(block);
}

Result<BlockPtr> Image::contents(uint64_t at, uint32_t size) const {
  return means_->contents.get({number_, at}, [&] { return load_contents(at, size); });
}

Result<void> Image::read_ids() {
  ids_.resize(super_.id_count);
  constexpr size_t kInBlock = SQFS_META_BLOCK_SIZE / sizeof(uint32_t);
  for (size_t first = 0; first < ids_.size(); first += kInBlock) {
    MetaPlace at = TRY(entry(super_.id_table_start, first, sizeof(uint32_t)));
    const size_t count = std::min(kInBlock, ids_.size() - first);
    TRY(read(at, {reinterpret_cast<char*>(&ids_[first]), count * sizeof(uint32_t)}));
  }
  for (uint32_t& id : ids_)
    id = le32toh(id);
  return {};
}

Result<uint32_t> Image::id(uint16_t index) const {
  if (index >= ids_.size()) return damaged("an owner");
  return ids_[index];
}

Result<sqfs_fragment_t> Image::fragment(uint32_t index) const {
  if (index >= super_.fragment_entry_count) return damaged("a fragment");
  MetaPlace at = TRY(entry(super_.fragment_table_start, index, sizeof(sqfs_fragment_t)));
  auto found = TRY(read<sqfs_fragment_t>(at));
  found.start_offset = le64toh(found.start_offset);
  found.size = le32toh(found.size);
  return found;
}

bool Image::adopt(uint64_t directory, uint64_t parent) const {
  const std::lock_guard lock(mutex_);
  const auto known = parent_of_.find(directory);
  if (known != parent_of_.end()) return known->second == parent;
  if (parent_of_.size() < kMostDirectories) parent_of_.emplace(directory, parent);
  return true;
}

}  // namespace wolffia::overlay
