// SPDX-License-Identifier: Apache-2.0
#include "image/squashfs/image_writer.hpp"

#include <sqfs/block.h>
#include <sqfs/error.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdlib>

#include "image/squashfs/compressor.hpp"

namespace wolffia::image {
namespace {

constexpr uint32_t kBlock = SQFS_DEFAULT_BLOCK_SIZE;
constexpr size_t kMostWaiting = 4096;  // files whose blocks may be on their way
constexpr uint32_t kNoAttributes = UINT32_MAX;

struct Kind {
  mode_t mode;
  uint16_t type;
};
/// Those that are not made by libsquashfs itself.
constexpr Kind kKinds[] = {{S_IFLNK, SQFS_INODE_SLINK},
                           {S_IFBLK, SQFS_INODE_BDEV},
                           {S_IFCHR, SQFS_INODE_CDEV},
                           {S_IFIFO, SQFS_INODE_FIFO},
                           {S_IFSOCK, SQFS_INODE_SOCKET}};

constexpr SQFS_COMPRESSOR id_of(ImageFormat::Compression compression) {
  constexpr SQFS_COMPRESSOR kIds[] = {SQFS_COMP_ZSTD, SQFS_COMP_GZIP, SQFS_COMP_XZ, SQFS_COMP_LZ4};
  return kIds[static_cast<size_t>(compression)];
}

/// Source: new_encode_dev() in linux/kdev_t.h.
uint32_t packed(dev_t device) {
  const uint32_t low = minor(device);
  return (low & 0xff) | major(device) << 8 | (low & ~0xffU) << 12;
}

/// Empty but for what tells its kind.
sqfs_inode_generic_t* make_inode(const ImageFile& file) {
  const size_t extra = S_ISLNK(file.mode) ? file.target.size() + 1 : 0;
  auto* const inode =
      static_cast<sqfs_inode_generic_t*>(std::calloc(1, sizeof(sqfs_inode_generic_t) + extra));
  if (!inode) return nullptr;
  const auto* const kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& it) {
    return it.mode == (file.mode & S_IFMT);
  });
  inode->base.type = kind == std::end(kKinds) ? uint16_t{SQFS_INODE_FILE} : kind->type;
  if (S_ISLNK(file.mode)) {
    inode->data.slink.nlink = file.links;
    inode->data.slink.target_size = static_cast<uint32_t>(file.target.size());
    std::copy(file.target.begin(), file.target.end(), reinterpret_cast<char*>(inode->extra));
  } else if (S_ISBLK(file.mode) || S_ISCHR(file.mode)) {
    inode->data.dev.nlink = file.links;
    inode->data.dev.devno = packed(file.device);
  } else {
    inode->data.ipc.nlink = file.links;
  }
  return inode;
}

}  // namespace

Result<void> ImageWriter::check(int code, const char* doing) const {
  if (code != 0) return out_.failure(code, doing);
  return {};
}

Result<std::unique_ptr<ImageWriter>> ImageWriter::open(const sys::Fd& file,
                                                       const ImageFormat& format) {
  std::unique_ptr<ImageWriter> writer(new ImageWriter(file, format));
  TRY(writer->start());
  return writer;
}

ImageWriter::~ImageWriter() {
  processor_.reset();  // it writes into the inodes
  for (const Waiting& it : waiting_)
    ::sqfs_free(it.inode);
}

Result<ImageWriter::Owned<sqfs_compressor_t>> ImageWriter::make_compressor(bool uncompress) const {
  sqfs_compressor_config_t config{};
  const SQFS_COMPRESSOR id = id_of(format_.compression);
  const auto flags = static_cast<uint16_t>(uncompress ? SQFS_COMP_FLAG_UNCOMPRESS : 0);
  TRY(check(::sqfs_compressor_config_init(&config, id, kBlock, flags), "compressing"));
  if (format_.compression != ImageFormat::Compression::Lz4) config.level = format_.level;
  sqfs_compressor_t* made = nullptr;
  TRY(check(::sqfs_compressor_create(&config, &made), "compressing"));
  if (!uncompress) made = only_smaller(made);
  if (!made) return Error::because(ENOMEM, "there is no memory left");
  return Owned<sqfs_compressor_t>(made);
}

Result<void> ImageWriter::start() {
  TRY(check(::sqfs_super_init(&super_, kBlock, 0, id_of(format_.compression)), "the image"));
  compressor_ = TRY(make_compressor(false));
  uncompressor_ = TRY(make_compressor(true));
  TRY(check(::sqfs_super_write(&super_, out_.get()), "the image"));
  const int options = compressor_->write_options(compressor_.get(), out_.get());
  if (options < 0) return out_.failure(options, "the image");
  if (options > 0) super_.flags |= SQFS_FLAG_COMPRESSOR_OPTIONS;
  ids_.reset(::sqfs_id_table_create(0));
  attributes_.reset(::sqfs_xattr_writer_create(0));
  fragments_.reset(::sqfs_frag_table_create(0));
  blocks_.reset(::sqfs_block_writer_create(out_.get(), SQFS_DEVBLK_SIZE, 0));
  const uint32_t keep = SQFS_META_WRITER_KEEP_IN_MEMORY;
  inodes_.reset(::sqfs_meta_writer_create(out_.get(), compressor_.get(), keep));
  listings_.reset(::sqfs_meta_writer_create(out_.get(), compressor_.get(), keep));
  if (!ids_ || !attributes_ || !fragments_ || !blocks_ || !inodes_ || !listings_)
    return Error::because(ENOMEM, "there is no memory left");
  directories_.reset(::sqfs_dir_writer_create(listings_.get(), 0));
  if (!directories_) return Error::because(ENOMEM, "there is no memory left");
  sqfs_block_processor_desc_t wanted{};
  wanted.size = sizeof wanted;
  wanted.max_block_size = kBlock;
  wanted.num_workers = format_.threads;
  wanted.max_backlog = 8 * format_.threads;
  wanted.cmp = compressor_.get();
  wanted.wr = blocks_.get();
  wanted.tbl = fragments_.get();
  wanted.file = out_.get();  // with the next one: contents that seem to be equal are compared
  wanted.uncmp = uncompressor_.get();
  sqfs_block_processor_t* made = nullptr;
  TRY(check(::sqfs_block_processor_create_ex(&wanted, &made), "compressing"));
  processor_.reset(made);
  return {};
}

Result<uint32_t> ImageWriter::attributes(const ImageFile& file) {
  if (file.attributes.empty()) return kNoAttributes;
  TRY(check(::sqfs_xattr_writer_begin(attributes_.get(), 0), "attributes"));
  for (const auto& [key, value] : file.attributes)
    TRY(check(::sqfs_xattr_writer_add(attributes_.get(), key.c_str(), value.data(), value.size()),
              "attributes"));
  uint32_t index = 0;
  TRY(check(::sqfs_xattr_writer_end(attributes_.get(), &index), "attributes"));
  return index;
}

Result<ImageWriter::Waiting*> ImageWriter::wait(const Name& at, const ImageFile& file) {
  if (waiting_.size() >= kMostWaiting) TRY(flush());
  const uint32_t index = TRY(attributes(file));
  Waiting& it = waiting_.emplace_back();
  it.parent = at.parent;
  it.name = at.name;
  it.attributes = index;
  it.file = file;
  it.file.attributes.clear();
  it.written = std::make_shared<Written>();
  it.written->mode = file.mode;
  return &it;
}

Result<ImageWriter::WrittenPtr> ImageWriter::add(const Name& at, const ImageFile& file) {
  Waiting& it = *TRY(wait(at, file));
  it.written->number = ++numbers_;
  it.inode = make_inode(file);
  if (!it.inode) return Error::because(ENOMEM, "there is no memory left");
  return it.written;
}

/// The rest of a long file is a block of its own, to be read without the others of a fragment.
Result<ImageWriter::WrittenPtr> ImageWriter::add_regular(const Name& at, const ImageFile& file,
                                                         uint64_t size, const Contents& next) {
  Waiting& it = *TRY(wait(at, file));
  it.written->number = ++numbers_;
  const uint32_t flags = size >= kBlock ? SQFS_BLK_DONT_FRAGMENT : 0;
  sqfs_block_processor_t* const to = processor_.get();
  TRY(check(::sqfs_block_processor_begin_file(to, &it.inode, nullptr, flags), "contents"));
  while (true) {
    const auto piece = TRY(next());
    if (piece.empty()) break;
    TRY(check(::sqfs_block_processor_append(to, piece.data(), piece.size()), "contents"));
  }
  TRY(check(::sqfs_block_processor_end_file(to), "contents"));
  return it.written;
}

Result<void> ImageWriter::add_link(const Name& at, const WrittenPtr& first) {
  Waiting& it = waiting_.emplace_back();
  it.parent = at.parent;
  it.name = at.name;
  it.written = first;
  return {};
}

Result<void> ImageWriter::end_directory(Directory directory, const Name& at,
                                        const ImageFile& file) {
  Waiting& it = *TRY(wait(at, file));
  it.directory = directory;
  it.written->number = directory;
  return {};
}

Result<void> ImageWriter::flush() {
  TRY(check(::sqfs_block_processor_sync(processor_.get()), "contents"));
  for (; !waiting_.empty(); waiting_.pop_front())
    TRY(write(waiting_.front()));
  return {};
}

Result<void> ImageWriter::write(Waiting& waiting) {
  if (waiting.directory != 0) TRY(write_directory(waiting));
  if (waiting.inode) TRY(write_inode(waiting));
  if (waiting.parent != 0)
    entries_[waiting.parent].push_back({std::move(waiting.name), waiting.written});
  return {};
}

Result<void> ImageWriter::write_directory(Waiting& waiting) {
  sqfs_dir_writer_t* const to = directories_.get();
  TRY(check(::sqfs_dir_writer_begin(to, 0), "directories"));
  uint32_t links = 2;
  for (const Entry& entry : entries_[waiting.directory]) {
    const Written& it = *entry.written;
    TRY(check(::sqfs_dir_writer_add_entry(to, entry.name.c_str(), it.number, it.reference,
                                          static_cast<uint16_t>(it.mode)),
              "directories"));
    if (S_ISDIR(it.mode)) ++links;
  }
  entries_.erase(waiting.directory);
  TRY(check(::sqfs_dir_writer_end(to), "directories"));
  // Of the root, whose parent is none, it is the number behind the last, as mksquashfs has it.
  const uint32_t above = waiting.parent != 0 ? waiting.parent : numbers_ + 1;
  waiting.inode = ::sqfs_dir_writer_create_inode(to, 0, waiting.attributes, above);
  if (!waiting.inode) return Error::because(ENOMEM, "there is no memory left");
  if (waiting.inode->base.type == SQFS_INODE_DIR)
    waiting.inode->data.dir.nlink = links;
  else
    waiting.inode->data.dir_ext.nlink = links;
  return {};
}

Result<void> ImageWriter::write_inode(Waiting& waiting) {
  sqfs_inode_generic_t& inode = *waiting.inode;
  const ImageFile& file = waiting.file;
  inode.base.mode = static_cast<uint16_t>(file.mode);
  inode.base.mod_time = static_cast<uint32_t>(std::clamp<int64_t>(file.modified, 0, UINT32_MAX));
  inode.base.inode_number = waiting.written->number;
  TRY(check(::sqfs_id_table_id_to_index(ids_.get(), file.uid, &inode.base.uid_idx), "owners"));
  TRY(check(::sqfs_id_table_id_to_index(ids_.get(), file.gid, &inode.base.gid_idx), "owners"));
  if (waiting.directory == 0)
    TRY(check(::sqfs_inode_set_xattr_index(&inode, waiting.attributes), "attributes"));
  if (S_ISREG(file.mode) && file.links > 1) {
    TRY(check(::sqfs_inode_make_extended(&inode), "links"));
    inode.data.file_ext.nlink = file.links;
  }
  uint64_t block = 0;
  uint32_t offset = 0;
  ::sqfs_meta_writer_get_position(inodes_.get(), &block, &offset);
  waiting.written->reference = block << 16 | offset;
  TRY(check(::sqfs_meta_writer_write_inode(inodes_.get(), &inode), "files"));
  ::sqfs_free(waiting.inode);
  waiting.inode = nullptr;
  return {};
}

Result<void> ImageWriter::finish(Directory root, const ImageFile& file) {
  const std::string none;
  Waiting& it = *TRY(wait({0, none}, file));
  it.directory = root;
  it.written->number = root;
  const WrittenPtr written = it.written;
  TRY(check(::sqfs_block_processor_finish(processor_.get()), "contents"));
  TRY(flush());
  super_.root_inode_ref = written->reference;
  super_.inode_count = numbers_;
  return write_tables();
}

Result<void> ImageWriter::write_tables() {
  TRY(check(::sqfs_meta_writer_flush(inodes_.get()), "files"));
  TRY(check(::sqfs_meta_writer_flush(listings_.get()), "directories"));
  super_.inode_table_start = out_.size();
  TRY(check(::sqfs_meta_write_write_to_file(inodes_.get()), "files"));
  super_.directory_table_start = out_.size();
  TRY(check(::sqfs_meta_write_write_to_file(listings_.get()), "directories"));
  TRY(check(::sqfs_frag_table_write(fragments_.get(), out_.get(), &super_, compressor_.get()),
            "fragments"));
  TRY(check(::sqfs_id_table_write(ids_.get(), out_.get(), &super_, compressor_.get()), "owners"));
  TRY(check(::sqfs_xattr_writer_flush(attributes_.get(), out_.get(), &super_, compressor_.get()),
            "attributes"));
  super_.bytes_used = out_.size();
  TRY(check(::sqfs_super_write(&super_, out_.get()), "the image"));
  // Who mounts it through a block device reads whole ones.
  const uint64_t devices = (out_.size() + SQFS_DEVBLK_SIZE - 1) / SQFS_DEVBLK_SIZE;
  return check(out_.get()->truncate(out_.get(), devices * SQFS_DEVBLK_SIZE), "the image");
}

}  // namespace wolffia::image
