// SPDX-License-Identifier: Apache-2.0
#include "image/squashfs/write.hpp"

#include <fcntl.h>
#include <sqfs/compressor.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "base/noted.hpp"
#include "base/quote.hpp"
#include "image/layer/metadata.hpp"
#include "image/squashfs/image_writer.hpp"
#include "image/squashfs/walk.hpp"
#include "sys/data.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kPiece = 256 << 10;

struct Row {
  std::string_view name;
  ImageFormat::Compression compression;
  uint32_t usual, least, most;  // levels
};
/// zstd's usual level packs as well as mksquashfs's 15 but for a hundredth, at twice its speed.
constexpr Row kRows[] = {
    {"zstd", ImageFormat::Compression::Zstd, 9, SQFS_ZSTD_MIN_LEVEL, SQFS_ZSTD_MAX_LEVEL},
    {"gzip", ImageFormat::Compression::Gzip, 9, SQFS_GZIP_MIN_LEVEL, SQFS_GZIP_MAX_LEVEL},
    {"xz", ImageFormat::Compression::Xz, 6, SQFS_XZ_MIN_LEVEL, SQFS_XZ_MAX_LEVEL},
    {"lz4", ImageFormat::Compression::Lz4, 0, 0, 0},
};

using Inode = std::pair<dev_t, ino_t>;

Inode inode_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

/// How many names of the tree each file has: not what its file system says, as some are hidden.
class LinkCounter : public Visitor {
 public:
  Result<void> enter(const Visited& /*at*/) override { return {}; }
  Result<void> leave(const Visited& /*at*/) override { return {}; }
  Result<void> file(const Visited& at) override {
    if (at.status.st_nlink > 1) ++counts_[inode_of(at.status)];
    return {};
  }
  uint32_t of(const struct stat& status) const {
    const auto found = counts_.find(inode_of(status));
    return found == counts_.end() ? 1 : found->second;
  }

 private:
  std::map<Inode, uint32_t> counts_;
};

class TreeWriter : public Visitor {
 public:
  TreeWriter(ImageWriter& to, const LinkCounter& links, const ImageOrder& order)
      : to_(to), links_(links), order_(order) {}

  Result<void> enter(const Visited& /*at*/) override {
    levels_.push_back({to_.begin_directory()});
    return {};
  }
  Result<void> leave(const Visited& at) override;
  Result<void> file(const Visited& at) override;

 private:
  struct Level {
    ImageWriter::Directory directory;
    int64_t newest = 0;
  };
  Result<ImageFile> describe(const Visited& at, const sys::Fd* opened) const;
  Result<ImageWriter::WrittenPtr> regular(const Visited& at, const ImageWriter::Name& name);

  ImageWriter& to_;
  const LinkCounter& links_;
  const ImageOrder& order_;
  std::vector<Level> levels_;
  std::map<Inode, ImageWriter::WrittenPtr> first_;
  std::vector<char> piece_ = std::vector<char>(kPiece);
};

/// Without what union file systems note for themselves.
Result<void> read_attributes(const sys::Fd& file, ImageFile& into) {
  auto names = sys::attribute_names(file);
  if (!names && names.error().is(ENOTSUP)) return {};
  if (!names) return std::move(names).error();
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    const AttributeRule rule = rule_of(name);
    if (rule != AttributeRule::Set && rule != AttributeRule::Try) continue;
    if (name == kImageConfigAttribute) continue;  // of another image
    std::string value = TRY(sys::attribute(file, name.c_str()), name);
    into.attributes.emplace_back(name, std::move(value));
  }
  return {};
}

Result<ImageFile> TreeWriter::describe(const Visited& at, const sys::Fd* opened) const {
  struct stat status = at.status;
  if (order_.owners == Owners::Caller) status.st_uid = status.st_gid = 0;
  ImageFile file;
  if (opened) {
    const auto value = sys::attribute(*opened, kNoteAttribute);
    if (const auto noted = value ? Noted::parse(*value) : std::nullopt)
      noted->apply_unless_changed(status);
    TRY(read_attributes(*opened, file));
  }
  file.mode = status.st_mode;
  file.uid = status.st_uid;
  file.gid = status.st_gid;
  file.modified = status.st_mtim.tv_sec;
  file.device = status.st_rdev;
  if (!S_ISDIR(status.st_mode)) file.links = links_.of(at.status);
  if (S_ISLNK(status.st_mode)) file.target = TRY(sys::read_symlink(at.directory, at.name.c_str()));
  return file;
}

Result<void> TreeWriter::leave(const Visited& at) {
  const sys::Fd readable = TRY(sys::open_at(at.directory, ".", O_RDONLY | O_DIRECTORY));
  ImageFile file = TRY(describe(at, &readable));
  const Level level = levels_.back();
  levels_.pop_back();
  const bool has_time = at.is_root() ? order_.root_has_time : file.modified < order_.unpacked_since;
  if (!has_time) file.modified = level.newest;
  if (!at.is_root()) {
    Level& above = levels_.back();
    above.newest = std::max(above.newest, file.modified);
    return to_.end_directory(level.directory, {above.directory, at.name}, file);
  }
  if (!order_.config.empty()) file.attributes.emplace_back(kImageConfigAttribute, order_.config);
  std::sort(file.attributes.begin(), file.attributes.end());
  return to_.finish(level.directory, file);
}

Result<void> TreeWriter::file(const Visited& at) {
  Level& level = levels_.back();
  level.newest = std::max<int64_t>(level.newest, at.status.st_mtim.tv_sec);
  const ImageWriter::Name name{level.directory, at.name};
  const bool several = links_.of(at.status) > 1;
  if (const auto first = first_.find(inode_of(at.status)); several && first != first_.end())
    return to_.add_link(name, first->second);
  ImageWriter::WrittenPtr written;
  if (S_ISREG(at.status.st_mode)) {
    written = TRY(regular(at, name));
  } else {
    const ImageFile file = TRY(describe(at, nullptr));
    written = TRY(to_.add(name, file));
  }
  if (several) first_.emplace(inode_of(at.status), std::move(written));
  return {};
}

Result<ImageWriter::WrittenPtr> TreeWriter::regular(const Visited& at,
                                                    const ImageWriter::Name& name) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;  // a pipe by now would make us wait
  const sys::Fd opened = TRY(sys::open_at(at.directory, at.name.c_str(), kFlags));
  const struct stat status = TRY(sys::stat_fd(opened));
  if (!S_ISREG(status.st_mode) || status.st_ino != at.status.st_ino)
    return Error::because(ESTALE, "the file was exchanged while it was read");
  const ImageFile file = TRY(describe(at, &opened));
  if (!S_ISREG(file.mode)) return to_.add(name, file);  // it stands for a device
  const auto size = static_cast<uint64_t>(status.st_size);
  uint64_t done = 0;
  return to_.add_regular(name, file, size, [&]() -> Result<std::span<const char>> {
    const size_t part = std::min<uint64_t>(piece_.size(), size - done);
    const size_t got = TRY(sys::read_at(opened, {piece_.data(), part}, done));
    if (got < part) return Error::because(ESTALE, "the file shrank while it was read");
    done += got;
    return std::span<const char>(piece_.data(), got);
  });
}

}  // namespace

Result<ImageFormat> image_format(std::string_view compression, std::optional<uint32_t> level) {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows),
                                       [&](const Row& it) { return it.name == compression; });
  if (row == std::end(kRows))
    return Error::because(
        EINVAL, cat("--compression ", quoted(compression), ": it must be zstd, gzip, xz or lz4"));
  if (level && row->most == 0)
    return Error::because(EINVAL, cat("--level: ", row->name, " has no levels, so leave it out"));
  if (level && (*level < row->least || *level > row->most))
    return Error::because(EINVAL, cat("--level ", *level, ": ", row->name, " has levels from ",
                                      row->least, " to ", row->most));
  return ImageFormat{.compression = row->compression, .level = level.value_or(row->usual)};
}

Result<void> write_image(const sys::Fd& tree, const sys::Fd& out, const ImageOrder& order) {
  if (order.config.size() > kMostConfig)
    return Error::because(
        E2BIG, cat("the image's config has ", order.config.size(), " bytes, and only ", kMostConfig,
                   " fit the attribute that keeps it"));
  LinkCounter links;
  TRY(walk(tree, links));
  const auto writer = TRY(ImageWriter::open(out, order.format));
  TreeWriter all(*writer, links, order);
  return walk(tree, all);
}

}  // namespace wolffia::image
