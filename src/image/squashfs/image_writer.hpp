// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqfs/block_processor.h>
#include <sqfs/block_writer.h>
#include <sqfs/compressor.h>
#include <sqfs/dir_writer.h>
#include <sqfs/frag_table.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/meta_writer.h>
#include <sqfs/super.h>
#include <sqfs/xattr_writer.h>
#include <sys/stat.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/squashfs/output.hpp"
#include "image/squashfs/write.hpp"

namespace wolffia::image {

/// What an image is told of a file.
struct ImageFile {
  mode_t mode = 0;  // with S_IFMT
  uint32_t uid = 0;
  uint32_t gid = 0;
  int64_t modified = 0;  // seconds
  dev_t device = 0;
  uint32_t links = 1;
  std::string target = {};                                           // of a symbolic link
  std::vector<std::pair<std::string, std::string>> attributes = {};  // sorted by name
};

/// Writes an image front to back, through libsquashfs. What files are comes after all contents, so
/// it is kept, compressed, until the end; of some thousand files at a time it is not, as their
/// blocks are still on their way.
class ImageWriter {
 public:
  /// `file` is empty, outlives it, and is open for reading and writing.
  static Result<std::unique_ptr<ImageWriter>> open(const sys::Fd& file, const ImageFormat& format);
  ~ImageWriter();
  ImageWriter(const ImageWriter&) = delete;

  using Directory = uint32_t;  // its number
  /// A file that is written already, or will be.
  struct Written {
    uint32_t number = 0;
    uint64_t reference = 0;  // 0 until it is known
    mode_t mode = 0;
  };
  using WrittenPtr = std::shared_ptr<Written>;
  struct Name {
    Directory parent;
    const std::string& name;
  };

  /// The entries of a directory are added in the order of their names' bytes, those of others may
  /// come in between. It is ended before it is one itself.
  Directory begin_directory() { return ++numbers_; }
  Result<void> end_directory(Directory directory, const Name& at, const ImageFile& file);
  Result<WrittenPtr> add(const Name& at, const ImageFile& file);
  /// `next` gives the bytes piece by piece, none at the end.
  using Contents = std::function<Result<std::span<const char>>()>;
  Result<WrittenPtr> add_regular(const Name& at, const ImageFile& file, uint64_t size,
                                 const Contents& next);
  Result<void> add_link(const Name& at, const WrittenPtr& first);
  /// The root last. The file is whole then, and not synced.
  Result<void> finish(Directory root, const ImageFile& file);

 private:
  template <class T>
  struct Destroy {
    void operator()(T* it) const { ::sqfs_destroy(it); }
  };
  template <class T>
  using Owned = std::unique_ptr<T, Destroy<T>>;

  /// What is added to a directory when its blocks have been written.
  struct Waiting {
    Directory parent = 0;
    std::string name;
    WrittenPtr written;
    sqfs_inode_generic_t* inode = nullptr;  // ours; null for a link, and for a directory
    Directory directory = 0;                // 0: it is none
    uint32_t attributes = 0;
    ImageFile file;
  };
  struct Entry {
    std::string name;
    WrittenPtr written;
  };

  ImageWriter(const sys::Fd& file, const ImageFormat& format) : out_(file), format_(format) {}
  Result<void> start();
  Result<Owned<sqfs_compressor_t>> make_compressor(bool uncompress) const;
  Result<void> check(int code, const char* doing) const;
  Result<uint32_t> attributes(const ImageFile& file);
  Result<Waiting*> wait(const Name& at, const ImageFile& file);
  Result<void> flush();
  Result<void> write(Waiting& waiting);
  Result<void> write_directory(Waiting& waiting);
  Result<void> write_inode(Waiting& waiting);
  Result<void> write_tables();

  Output out_;
  const ImageFormat format_;
  sqfs_super_t super_{};
  uint32_t numbers_ = 0;
  std::deque<Waiting> waiting_;  // not moved: the block processor has pointers to their inodes
  std::map<Directory, std::vector<Entry>> entries_;
  // Destroyed from the last to the first: each uses those above it.
  Owned<sqfs_compressor_t> compressor_;
  Owned<sqfs_compressor_t> uncompressor_;
  Owned<sqfs_id_table_t> ids_;
  Owned<sqfs_xattr_writer_t> attributes_;
  Owned<sqfs_frag_table_t> fragments_;
  Owned<sqfs_block_writer_t> blocks_;
  Owned<sqfs_meta_writer_t> inodes_;
  Owned<sqfs_meta_writer_t> listings_;
  Owned<sqfs_dir_writer_t> directories_;
  Owned<sqfs_block_processor_t> processor_;
};

}  // namespace wolffia::image
