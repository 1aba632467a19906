// SPDX-License-Identifier: Apache-2.0
#include "image/layer/unpacker.hpp"

#include <fcntl.h>

#include "base/quote.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"
#include "sys/session.hpp"

namespace wolffia::image {
namespace {

using Type = TarEntry::Type;

/// All names that are kept until the end, together: a million directories or links of usual length.
constexpr size_t kMostRemembered = size_t{64} << 20;

constexpr mode_t kImpliedMode = 0755;
constexpr const char* kOpaqueAttribute = "user.overlay.opaque";

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<void> Unpacker::run(TarReader& reader) {
  TarEntry entry;
  while (TRY(reader.next(entry)))
    TRY(take(reader, entry), quoted(entry.name));
  TRY(finish_pending());
  TRY(finish_directories());
  return remove_link_data();
}

void Unpacker::report(Unpacked& result) {
  result.bytes = bytes_;
  result.entries = entries_;
  result.hides_lower = hides_lower_;
  for (auto& [path, target] : pending_)
    result.pending.push_back({path, target});
  result.warnings = warnings_.take();
}

Result<void> Unpacker::count(const TarEntry& entry) {
  if (++entries_ > options_.limits.entries)
    return Error::because(E2BIG,
                          cat("the layer has more than ", options_.limits.entries, " entries"));
  if (entry.size > options_.limits.bytes - bytes_)
    return Error::because(
        ENOSPC, cat("the layer's files have more than ", options_.limits.bytes, " bytes"));
  bytes_ += entry.size;
  return {};
}

Result<Place> Unpacker::place_of(const Names& path) {
  std::vector<Names> made;
  Place place = TRY(tree_.place(path, made));
  for (const Names& directory : made)
    TRY(remember(directory, kImpliedMode, {}));
  return place;
}

Result<void> Unpacker::take(TarReader& reader, const TarEntry& entry) {
  TRY(count(entry));
  Names path = TRY(clean_path(entry.name));
  const Purpose purpose = TRY(purpose_of(path));
  if (purpose == Purpose::OtherData) return {};
  if (purpose == Purpose::Whiteout) return take_whiteout(std::move(path));
  if (purpose == Purpose::Opaque) return take_opaque(path);
  if (purpose == Purpose::LinkData) link_data_ = true;
  TRY(check_attributes(entry));
  if (path.empty()) return take_root(entry);
  const Place place = TRY(place_of(path));
  tree_.claim(place.names);
  if (!pending_.empty()) forget_pending(place.names, entry.type);
  switch (entry.type) {
    case Type::File:
      return take_file(reader, entry, place);
    case Type::Directory:
      return take_directory(entry, place);
    case Type::Symlink:
      return take_symlink(entry, place);
    case Type::HardLink:
      return take_hard_link(entry, place);
    case Type::Fifo:
      return take_fifo(entry, place);
    case Type::CharDevice:
    case Type::BlockDevice:
      return take_device(entry, place);
  }
  return {};
}

Result<void> Unpacker::make_way(const Place& place) {
  return tree_.remove(*place.parent, place.name());
}

Result<sys::Fd> Unpacker::create(const Place& place) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  auto file = sys::open_at(*place.parent, place.name(), kFlags, S_IRUSR | S_IWUSR);
  if (file || !file.error().is(EEXIST)) return file;
  TRY(make_way(place));
  return sys::open_at(*place.parent, place.name(), kFlags, S_IRUSR | S_IWUSR);
}

Result<void> Unpacker::write_content(TarReader& reader, const TarEntry& entry,
                                     const sys::Fd& file) {
  for (;;) {
    const TarReader::Piece piece = TRY(reader.content());
    if (piece.bytes.empty()) break;
    if (entry.sparse)
      TRY(sys::write_at(file, text_of(piece.bytes), piece.at));
    else
      TRY(sys::write_all(file, text_of(piece.bytes)));
  }
  if (entry.sparse) TRY(sys::set_size(file, entry.size));
  return {};
}

Result<void> Unpacker::take_file(TarReader& reader, const TarEntry& entry, const Place& place) {
  const sys::Fd file = TRY(create(place));
  TRY(write_content(reader, entry, file));
  return set_metadata(file, entry, options_.owners, warnings_);
}

Result<void> Unpacker::take_device(const TarEntry& entry, const Place& place) {
  const bool character = entry.type == Type::CharDevice;
  if (character && entry.major == 0 && entry.minor == 0)
    return Error::because(EINVAL, "the device 0:0, which hides files in overlay file systems");
  warnings_.add("device nodes became empty files", entry.name);
  const sys::Fd file = TRY(create(place));
  return set_metadata(file, entry, options_.owners, warnings_);
}

Result<void> Unpacker::take_fifo(const TarEntry& entry, const Place& place) {
  TRY(make_way(place));
  TRY(sys::make_node(*place.parent, place.name(), S_IFIFO | S_IRUSR | S_IWUSR, 0));
  const sys::Fd fifo =
      TRY(sys::open_at(*place.parent, place.name(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  return set_metadata(fifo, entry, options_.owners, warnings_);
}

Result<void> Unpacker::take_symlink(const TarEntry& entry, const Place& place) {
  auto made = sys::make_symlink(entry.link.c_str(), *place.parent, place.name());
  if (!made && made.error().is(EEXIST)) {
    TRY(make_way(place));
    made = sys::make_symlink(entry.link.c_str(), *place.parent, place.name());
  }
  TRY(std::move(made));
  if (options_.owners == Owners::Archive)
    TRY(sys::change_entry_owner(*place.parent, place.name(), entry.uid, entry.gid));
  if (!entry.attributes.empty())
    warnings_.add("extended attributes of links were left out", entry.name);
  return sys::set_entry_times(*place.parent, place.name(), entry.modified);
}

Result<void> Unpacker::remember(const Names& path, mode_t mode, timespec modified) {
  Later later{.path = join(path), .mode = mode, .modified = modified};
  remembered_ += later.path.size() + sizeof later;
  if (remembered_ > kMostRemembered)
    return Error::because(E2BIG, "the layer's directories have too many and too long names");
  later_.push_back(std::move(later));
  return {};
}

Result<void> Unpacker::describe_directory(const sys::Fd& directory, const TarEntry& entry,
                                          const Names& path) {
  if (options_.owners == Owners::Archive) TRY(sys::change_owner(directory, entry.uid, entry.gid));
  TRY(set_attributes(directory, entry, warnings_));
  TRY(note_owner(directory, entry, options_.owners));
  return remember(path, mode_of(entry, options_.owners), entry.modified);
}

Result<void> Unpacker::take_root(const TarEntry& entry) {
  if (entry.type != Type::Directory)
    return Error::because(EINVAL, "the root of the tree, which must be a directory");
  const sys::Fd root = TRY(sys::open_at(tree_.root(), ".", O_RDONLY | O_DIRECTORY));
  return describe_directory(root, entry, {});
}

Result<void> Unpacker::take_directory(const TarEntry& entry, const Place& place) {
  auto made = sys::make_directory(*place.parent, place.name(), S_IRWXU);
  const bool was_there = !made && made.error().is(EEXIST);
  bool hides = false;
  if (was_there) {
    const struct stat status = TRY(sys::stat_entry(*place.parent, place.name()));
    made = Result<void>();
    if (!S_ISDIR(status.st_mode)) {
      // A whiteout is of this layer too: the directory of lower layers stays hidden.
      hides = Tree::is_whiteout(status);
      TRY(make_way(place));
      made = sys::make_directory(*place.parent, place.name(), S_IRWXU);
    }
  }
  TRY(std::move(made));
  const sys::Fd directory = TRY(sys::open_directory(*place.parent, place.name()));
  if (was_there) TRY(drop_attributes(directory));
  if (hides) TRY(sys::set_attribute(directory, kOpaqueAttribute, "y"));
  return describe_directory(directory, entry, place.names);
}

Result<void> Unpacker::take_whiteout(Names path) {
  path.back().erase(0, kWhiteoutPrefix.size());
  const Place place = TRY(place_of(path));
  if (options_.whiteouts == Whiteouts::Apply) {
    if (!tree_.is_ours(place.names)) return tree_.remove(*place.parent, place.name());
    return tree_.remove_lower(place.names);
  }
  auto made = sys::make_node(*place.parent, place.name(), S_IFCHR, 0);
  if (made || !made.error().is(EEXIST)) return made;
  const struct stat status = TRY(sys::stat_entry(*place.parent, place.name()));
  if (!S_ISDIR(status.st_mode)) return {};  // hides what is below it by being there
  const sys::Fd directory = TRY(sys::open_directory(*place.parent, place.name()));
  return sys::set_attribute(directory, kOpaqueAttribute, "y");
}

Result<void> Unpacker::take_opaque(const Names& path) {
  const Place place = TRY(place_of(path));  // of the mark; its parent is what is meant
  const Names directory(place.names.begin(), place.names.end() - 1);
  hides_lower_ = hides_lower_ || directory.empty();
  if (options_.whiteouts == Whiteouts::Apply) return tree_.remove_lower(directory);
  if (directory.empty()) return {};  // overlayfs does not ask the root
  const sys::Fd marked = TRY(sys::open_at(*place.parent, ".", O_RDONLY | O_DIRECTORY));
  return sys::set_attribute(marked, kOpaqueAttribute, "y");
}

Result<void> Unpacker::finish_directories() {
  Parents parents(tree_.root());
  for (const Later& later : later_) {
    const Names path = TRY(clean_path(later.path));
    if (TRY(parents.enter(path)) != path.size()) continue;  // something else by now
    const sys::Fd directory = TRY(sys::open_at(parents.here(), ".", O_RDONLY | O_DIRECTORY));
    TRY(sys::set_mode(directory, later.mode), quoted(later.path));
    TRY(sys::set_times(directory, later.modified), quoted(later.path));
  }
  return {};
}

Result<void> Unpacker::remove_link_data() {
  if (!link_data_) return {};
  return tree_.remove(tree_.root(), std::string(kLinkDirectory).c_str());
}

}  // namespace wolffia::image
