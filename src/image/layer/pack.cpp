// SPDX-License-Identifier: Apache-2.0
#include "image/layer/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/quote.hpp"
#include "image/layer/metadata.hpp"
#include "image/layer/notes.hpp"
#include "image/layer/parents.hpp"
#include "image/layer/tar_writer.hpp"
#include "image/layer/tree.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::image {
namespace {

using Type = TarEntry::Type;

constexpr const char* kOpaqueAttribute = "user.overlay.opaque";
constexpr const char* kWhiteoutAttribute = "user.overlay.whiteout";  // Linux 6.7

std::optional<Type> type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return Type::File;
    case S_IFDIR:
      return Type::Directory;
    case S_IFLNK:
      return Type::Symlink;
    case S_IFCHR:
      return Type::CharDevice;
    case S_IFBLK:
      return Type::BlockDevice;
    case S_IFIFO:
      return Type::Fifo;
    default:
      return std::nullopt;  // a socket, which only its server can make
  }
}

Result<uint32_t> id_inside(uint32_t id, const std::vector<oci::IdMap>& maps, const char* what) {
  if (maps.empty()) return id;
  for (const oci::IdMap& map : maps)
    if (id >= map.host && id - map.host < map.size) return map.container + (id - map.host);
  return Error::because(EINVAL, cat("the ", what, " ", id, " is none that the container has"));
}

/// Walks a tree and writes it.
class Packer {
 public:
  Packer(const sys::Fd& tree, TarWriter& writer, const PackOptions& options)
      : writer_(writer), options_(options), parents_(tree) {}

  Result<void> run();
  uint64_t entries() const { return entries_; }
  Warnings& warnings() { return warnings_; }

 private:
  Result<void> take(const Names& path);
  Result<void> take_entry(const Names& path, std::string name);
  void select(const Names& directory, std::vector<std::string>& names) const;
  Result<void> take_directory(const Names& path, TarEntry& entry);
  Result<void> take_file(const Names& path, const struct stat& status, TarEntry& entry);
  Result<void> fill_up(uint64_t size, const std::string& name);
  Result<void> write_content(const sys::Fd& file, const TarEntry& entry);
  Result<void> write_mark(const Names& directory, const std::string& name);
  Result<void> add(const TarEntry& entry);
  Result<void> push_children(const Names& path);
  static void heed(const std::optional<Noted>& noted, struct stat status, TarEntry& entry);
  Result<void> read_attributes(const sys::Fd& file, TarEntry& entry);
  Result<TarEntry> describe(const struct stat& status, Type type, std::string name);
  bool is_marked(const sys::Fd& file, const char* attribute) const;

  TarWriter& writer_;
  const PackOptions& options_;
  Parents parents_;
  Warnings warnings_;
  Notes notes_;
  std::vector<Names> left_;  // the next one last
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  uint64_t entries_ = 0;
};

Result<void> Packer::run() {
  TRY(push_children({}));
  while (!left_.empty()) {
    const Names path = std::move(left_.back());
    left_.pop_back();
    TRY(take(path), quoted(join(path)));
  }
  return {};
}

/// Leaves those of the names in a directory that are wanted, and adds those that are gone.
void Packer::select(const Names& directory, std::vector<std::string>& names) const {
  const std::string prefix = directory.empty() ? "" : join(directory) + "/";
  const std::set<std::string>& taken = options_.only->taken;
  const std::set<std::string>& gone = options_.only->gone;
  std::erase_if(names, [&](const std::string& name) {
    return !taken.contains(prefix + name) || gone.contains(prefix + name);
  });
  for (auto it = gone.lower_bound(prefix); it != gone.end() && it->starts_with(prefix); ++it)
    if (it->find('/', prefix.size()) == std::string::npos)
      names.push_back(it->substr(prefix.size()));
}

Result<void> Packer::push_children(const Names& path) {
  if (TRY(parents_.enter(path)) != path.size())
    return Error::because(ESTALE, "the directory went away");
  std::vector<std::string> names = TRY(sys::entry_names(parents_.here(), SIZE_MAX));
  const bool may_be_upper = options_.from == PackFrom::Upper || options_.only;
  if (path.empty() && may_be_upper) notes_ = Notes::of_upper(parents_.here());
  std::erase_if(names, [&](const std::string& name) { return notes_.is_mark(name); });
  if (options_.only) select(path, names);
  std::sort(names.begin(), names.end(), std::greater<>());
  for (std::string& name : names) {
    Names child = path;
    child.push_back(std::move(name));
    left_.push_back(std::move(child));
  }
  return {};
}

Result<void> Packer::add(const TarEntry& entry) {
  ++entries_;
  return writer_.add(entry);
}

bool Packer::is_marked(const sys::Fd& file, const char* attribute) const {
  if (options_.from != PackFrom::Upper) return false;
  const auto value = sys::attribute(file, attribute);
  return value && (*value == "y" || attribute == kWhiteoutAttribute);
}

/// An empty file whose name says what it does to lower layers.
Result<void> Packer::write_mark(const Names& directory, const std::string& name) {
  Names path = directory;
  path.push_back(name);
  TarEntry entry;
  entry.name = join(path);
  return add(entry);
}

Result<TarEntry> Packer::describe(const struct stat& status, Type type, std::string name) {
  TarEntry entry;
  entry.type = type;
  entry.name = std::move(name);
  entry.mode = status.st_mode & 07777U;
  entry.modified = status.st_mtim;
  if (options_.owners == Owners::Caller) return entry;
  entry.uid = TRY(id_inside(status.st_uid, options_.uids, "user id"));
  entry.gid = TRY(id_inside(status.st_gid, options_.gids, "group id"));
  return entry;
}

Result<void> Packer::read_attributes(const sys::Fd& file, TarEntry& entry) {
  auto names = sys::attribute_names(file);
  if (!names && names.error().is(ENOTSUP)) return {};
  if (!names) return std::move(names).error();
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    const AttributeRule rule = rule_of(name);
    if (rule != AttributeRule::Set && rule != AttributeRule::Try) continue;
    std::string value = TRY(sys::attribute(file, name.c_str()), name);
    entry.attributes.push_back({name, std::move(value)});
  }
  return {};
}

Result<void> Packer::take(const Names& path) {
  std::string name = join(path);
  if (options_.without.contains(name)) return {};
  if (path.back().starts_with(kWhiteoutPrefix))
    return Error::because(EINVAL, "a layer would take the name for a whiteout: rename the file");
  constexpr int kTries = 16;  // a file that is replaced by rename(2) has to be met at rest once
  auto taken = take_entry(path, name);
  for (int i = 1; i < kTries && !taken && taken.error().is(EAGAIN); ++i)
    taken = take_entry(path, name);
  const bool has_gone = !taken && (taken.error().is(ENOENT) || taken.error().is(ESTALE));
  if (has_gone && options_.living == Living::Yes) return {};
  return taken;
}

Result<void> Packer::take_entry(const Names& path, std::string name) {
  const Names above(path.begin(), path.end() - 1);
  if (options_.only && options_.only->gone.contains(name))
    return write_mark(above, cat(kWhiteoutPrefix, path.back()));
  if (TRY(parents_.enter(above)) != above.size())
    return Error::because(ESTALE, "its directory went away");
  const struct stat status = TRY(sys::stat_entry(parents_.here(), path.back().c_str()));
  if (options_.from == PackFrom::Upper && Tree::is_whiteout(status))
    return write_mark(above, cat(kWhiteoutPrefix, path.back()));
  const auto type = type_of(status.st_mode);
  if (!type) {
    warnings_.add("sockets were left out", name);
    return {};
  }
  TarEntry entry = TRY(describe(status, *type, std::move(name)));
  if (type == Type::Directory) return take_directory(path, entry);
  if (type == Type::File) return take_file(path, status, entry);
  heed(notes_.find_listed(parents_.here(), path.back(), status), status, entry);
  if (type == Type::Symlink)
    entry.link = TRY(sys::read_symlink(parents_.here(), path.back().c_str()));
  if (type == Type::CharDevice || type == Type::BlockDevice) {
    entry.major = major(status.st_rdev);
    entry.minor = minor(status.st_rdev);
  }
  return add(entry);
}

/// What the file's note says of it, which the file system could not keep: in the ids of the layer.
/// A device 0:0 is what some take for a whiteout: that is not said by a note.
void Packer::heed(const std::optional<Noted>& noted, struct stat status, TarEntry& entry) {
  if (!noted || (S_ISCHR(noted->mode) && noted->device == 0)) return;
  noted->apply_unless_changed(status);
  entry.uid = noted->uid;
  entry.gid = noted->gid;
  entry.mode = status.st_mode & 07777U;
  const auto type = type_of(status.st_mode);
  if (!type || (*type != Type::CharDevice && *type != Type::BlockDevice)) return;
  entry.type = *type;
  entry.major = major(status.st_rdev);
  entry.minor = minor(status.st_rdev);
}

Result<void> Packer::take_directory(const Names& path, TarEntry& entry) {
  const sys::Fd directory = TRY(sys::open_directory(parents_.here(), path.back().c_str()));
  entry.name += '/';
  const struct stat opened = TRY(sys::stat_fd(directory));
  heed(notes_.find(directory, parents_.here(), path.back(), opened), opened, entry);
  TRY(read_attributes(directory, entry));
  TRY(add(entry));
  if (is_marked(directory, kOpaqueAttribute) || (!options_.only && notes_.is_opaque(directory)))
    TRY(write_mark(path, std::string(kOpaqueName)));
  return push_children(path);
}

Result<void> Packer::take_file(const Names& path, const struct stat& status, TarEntry& entry) {
  const std::pair inode(status.st_dev, status.st_ino);
  if (const auto first = links_.find(inode); status.st_nlink > 1 && first != links_.end()) {
    entry.type = Type::HardLink;
    entry.link = first->second;
    return add(entry);
  }
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;  // a pipe by now would make us wait
  const sys::Fd file = TRY(sys::open_at(parents_.here(), path.back().c_str(), kFlags));
  const struct stat opened = TRY(sys::stat_fd(file));
  if (!S_ISREG(opened.st_mode) || opened.st_ino != status.st_ino)
    return Error::because(EAGAIN, "the file is exchanged all the while");
  if (is_marked(file, kWhiteoutAttribute))
    return write_mark(Names(path.begin(), path.end() - 1), cat(kWhiteoutPrefix, path.back()));
  TRY(read_attributes(file, entry));
  heed(notes_.find(file, parents_.here(), path.back(), opened), opened, entry);
  if (entry.type == Type::File) entry.size = static_cast<uint64_t>(opened.st_size);
  TRY(add(entry));
  if (status.st_nlink > 1) links_.emplace(inode, entry.name);
  return write_content(file, entry);
}

/// What a living file lost of the size that the entry says already.
Result<void> Packer::fill_up(uint64_t size, const std::string& name) {
  warnings_.add("files shrank while they were read, and end in zeros", name);
  const std::vector<std::byte> zeros(std::min<uint64_t>(size, size_t{256} << 10));
  for (; size > 0; size -= std::min<uint64_t>(size, zeros.size()))
    TRY(writer_.write(std::span(zeros).first(std::min<uint64_t>(size, zeros.size()))));
  return {};
}

Result<void> Packer::write_content(const sys::Fd& file, const TarEntry& entry) {
  FdSource from(file);
  uint64_t left = entry.size;
  std::vector<std::byte> buffer(std::min<uint64_t>(left, size_t{256} << 10));
  while (left > 0) {
    const size_t most = std::min<uint64_t>(left, buffer.size());
    const size_t n = TRY(from.read(std::span(buffer).first(most)));
    if (n == 0 && options_.living == Living::Yes) return fill_up(left, entry.name);
    if (n == 0) return Error::because(ESTALE, "the file shrank while it was read");
    TRY(writer_.write(std::span<const std::byte>(buffer).first(n)));
    left -= n;
  }
  return {};
}

}  // namespace

Result<PackedEntries> pack_entries(const sys::Fd& tree, TarWriter& to, const PackOptions& options) {
  Packer packer(tree, to, options);
  TRY(packer.run());
  return PackedEntries{packer.entries(), packer.warnings().take()};
}

Result<Packed> pack(const sys::Fd& tree, const sys::Fd& out, const PackOptions& options) {
  FdSink file(out);
  HashingSink blob(file);
  const auto compressed = open_deflater(blob, options.compression);
  HashingSink archive(*compressed);
  TarWriter writer(archive);
  PackedEntries packed = TRY(pack_entries(tree, writer, options));
  TRY(writer.finish());
  return Packed{.diff_id = archive.digest(),
                .digest = blob.digest(),
                .size = blob.size(),
                .entries = packed.entries,
                .warnings = std::move(packed.warnings)};
}

}  // namespace wolffia::image
