// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_inode.hpp"

#include <dirent.h>
#include <endian.h>
#include <limits.h>
#include <sqfs/inode.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

namespace wolffia::overlay {
namespace {

constexpr unsigned kBasicTypes = 7;  // the extended ones follow in the same order

struct Type {
  mode_t mode;
  unsigned char entry;
};
/// By SQFS_INODE_TYPE, of which 0 is none.
constexpr std::array<Type, kBasicTypes + 1> kTypes{{{0, DT_UNKNOWN},
                                                    {S_IFDIR, DT_DIR},
                                                    {S_IFREG, DT_REG},
                                                    {S_IFLNK, DT_LNK},
                                                    {S_IFBLK, DT_BLK},
                                                    {S_IFCHR, DT_CHR},
                                                    {S_IFIFO, DT_FIFO},
                                                    {S_IFSOCK, DT_SOCK}}};

Result<void> read_directory(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_dir_t>(inode.tail));
  inode.links = le32toh(raw.nlink);
  inode.size = le16toh(raw.size);
  inode.start = le32toh(raw.start_block);
  inode.offset = le16toh(raw.offset);
  return {};
}

Result<void> read_long_directory(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_dir_ext_t>(inode.tail));
  inode.links = le32toh(raw.nlink);
  inode.size = le32toh(raw.size);
  inode.start = le32toh(raw.start_block);
  inode.offset = le16toh(raw.offset);
  inode.index_entries = le16toh(raw.inodex_count);
  inode.attributes = le32toh(raw.xattr_idx);
  return {};
}

Result<void> read_regular(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_file_t>(inode.tail));
  inode.start = le32toh(raw.blocks_start);
  inode.size = le32toh(raw.file_size);
  inode.fragment = le32toh(raw.fragment_index);
  inode.offset = le32toh(raw.fragment_offset);
  return {};
}

Result<void> read_long_regular(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_file_ext_t>(inode.tail));
  inode.start = le64toh(raw.blocks_start);
  inode.size = le64toh(raw.file_size);
  inode.sparse = le64toh(raw.sparse);
  inode.links = le32toh(raw.nlink);
  inode.fragment = le32toh(raw.fragment_idx);
  inode.offset = le32toh(raw.fragment_offset);
  inode.attributes = le32toh(raw.xattr_idx);
  if (inode.size > INT64_MAX) return damaged("the size of a file");
  return {};
}

Result<void> read_link(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_slink_t>(inode.tail));
  inode.links = le32toh(raw.nlink);
  inode.size = le32toh(raw.target_size);
  if (inode.size == 0 || inode.size >= PATH_MAX) return damaged("the target of a link");
  return {};
}

Result<void> read_long_link(const Image& image, Inode& inode) {
  TRY(read_link(image, inode));
  MetaPlace behind = inode.tail;
  TRY(image.skip(behind, inode.size));
  inode.attributes = le32toh(TRY(image.read<uint32_t>(behind)));
  return {};
}

Result<void> read_device(const Image& image, Inode& inode) {
  const auto raw = TRY(image.read<sqfs_inode_dev_t>(inode.tail));
  inode.links = le32toh(raw.nlink);
  inode.device = le32toh(raw.devno);
  return {};
}

Result<void> read_long_device(const Image& image, Inode& inode) {
  TRY(read_device(image, inode));
  inode.attributes = le32toh(TRY(image.read<uint32_t>(inode.tail)));
  return {};
}

Result<void> read_other(const Image& image, Inode& inode) {
  inode.links = le32toh(TRY(image.read<uint32_t>(inode.tail)));
  return {};
}

Result<void> read_long_other(const Image& image, Inode& inode) {
  TRY(read_other(image, inode));
  inode.attributes = le32toh(TRY(image.read<uint32_t>(inode.tail)));
  return {};
}

/// By SQFS_INODE_TYPE.
using Read = Result<void> (*)(const Image& image, Inode& inode);
constexpr std::array<Read, 2 * kBasicTypes + 1> kReads{nullptr,
                                                       read_directory,
                                                       read_regular,
                                                       read_link,
                                                       read_device,
                                                       read_device,
                                                       read_other,
                                                       read_other,  // the extended ones:
                                                       read_long_directory,
                                                       read_long_regular,
                                                       read_long_link,
                                                       read_long_device,
                                                       read_long_device,
                                                       read_long_other,
                                                       read_long_other};

/// As Linux packs numbers of devices into 32 bits. Source: new_decode_dev() in linux/kdev_t.h.
dev_t device_of(uint32_t packed) {
  return ::makedev((packed & 0xfff00) >> 8, (packed & 0xff) | ((packed >> 12) & 0xfff00));
}

}  // namespace

unsigned char entry_type(unsigned type) {
  return type < kTypes.size() ? kTypes[type].entry : kTypes[0].entry;
}

Result<Inode> read_inode(const Image& image, uint64_t reference) {
  Inode inode;
  inode.reference = reference;
  const uint64_t block = reference >> 16;
  if (block > image.super().bytes_used) return damaged("a place of a file");
  inode.tail = {image.super().inode_table_start + block, static_cast<uint32_t>(reference & 0xffff)};
  const auto raw = TRY(image.read<sqfs_inode_t>(inode.tail));
  const unsigned type = le16toh(raw.type);
  if (type == 0 || type >= kReads.size()) return damaged("the type of a file");
  const Type& kind = kTypes[type > kBasicTypes ? type - kBasicTypes : type];
  inode.mode = kind.mode | (S_ISLNK(kind.mode) ? 0777U : le16toh(raw.mode) & 07777U);
  inode.uid = TRY(image.id(le16toh(raw.uid_idx)));
  inode.gid = TRY(image.id(le16toh(raw.gid_idx)));
  inode.modified = le32toh(raw.mod_time);
  inode.number = le32toh(raw.inode_number);
  TRY(kReads[type](image, inode));
  inode.tail.held = nullptr;  // it may be kept for long
  return inode;
}

struct stat status_of(const Image& image, const Inode& inode) {
  struct stat status {};
  status.st_dev = image.device();
  status.st_ino = inode.number;
  status.st_mode = inode.mode;
  status.st_nlink = std::max(inode.links, 1U);
  status.st_uid = inode.uid;
  status.st_gid = inode.gid;
  if (S_ISCHR(inode.mode) || S_ISBLK(inode.mode)) status.st_rdev = device_of(inode.device);
  status.st_size = static_cast<off_t>(inode.size);
  status.st_blksize = static_cast<blksize_t>(image.super().block_size);
  const uint64_t stored = inode.size - std::min(inode.sparse, inode.size);
  if (S_ISREG(inode.mode)) status.st_blocks = static_cast<blkcnt_t>((stored + 511) / 512);
  status.st_mtim.tv_sec = inode.modified;
  status.st_atim = status.st_mtim;
  status.st_ctim = status.st_mtim;
  return status;
}

Result<std::string> link_text(const Image& image, const Inode& inode) {
  if (!S_ISLNK(inode.mode)) return Error::because(EINVAL, "it is no symbolic link");
  std::string text(inode.size, '\0');
  MetaPlace at = inode.tail;
  TRY(image.read(at, text));
  if (text.find('\0') != std::string::npos) return damaged("the target of a link");
  return text;
}

}  // namespace wolffia::overlay
