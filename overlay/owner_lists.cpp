// SPDX-License-Identifier: Apache-2.0
#include "overlay/owner_lists.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include <vector>

#include "sys/data.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kMostKnown = 256;  // lists in memory
constexpr size_t kMostWithoutName = 4096;
constexpr size_t kSpareLines = 1024;        // that a list may have beyond twice its notes
constexpr const char* kStaged = "#owners";  // in the working directory
constexpr uint64_t kNobody = 0;             // an inode number that no file has

bool is_self(const char* name) {
  return name[0] == '\0' || std::string_view(name) == OwnerList::kDirectory;
}

/// What is noted of a directory changes no directory.
class KeptTimes {
 public:
  explicit KeptTimes(sys::Fd dir) : dir_(std::move(dir)), before_(sys::stat_of({dir_, ""})) {}
  KeptTimes(const KeptTimes&) = delete;
  ~KeptTimes() {
    if (!before_) return;
    const timespec times[2] = {before_->st_atim, before_->st_mtim};
    (void)sys::set_times_of({dir_, "."}, times);
  }

 private:
  const sys::Fd dir_;
  const Result<struct stat> before_;
};

}  // namespace

OwnerLists::Where::Where(const char* name, const struct stat& raw) : path(OwnerList::kFile) {
  if (!S_ISDIR(raw.st_mode)) {
    entry = name;
    return;
  }
  entry = OwnerList::kDirectory;
  if (!is_self(name)) path = cat(name, "/", path);
}

/// Null where there is none. Nobody else writes to it, so one that was read is right as long as the
/// file is the same.
OwnerList* OwnerLists::load(const sys::Fd& dir, const std::string& path) {
  const auto status = sys::stat_of({dir, path.c_str()});
  if (!status || !S_ISREG(status->st_mode)) return nullptr;
  const auto known = known_.find(status->st_ino);
  if (known != known_.end()) return &known->second;
  const auto file = sys::open_again({dir, path.c_str()}, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const auto text = file ? sys::read_all(*file, OwnerList::kLongest) : Result<std::string>("");
  if (!text) return nullptr;
  if (known_.size() >= kMostKnown) known_.clear();
  return &(known_[status->st_ino] = OwnerList::parse(*text));
}

std::optional<Noted> OwnerLists::note_of(sys::FileAt at, const struct stat& raw) {
  if (at.name[0] == '\0' && !S_ISDIR(raw.st_mode)) {
    const auto found = without_name_.find(raw.st_ino);
    return found == without_name_.end() ? std::nullopt : std::optional(found->second);
  }
  const Where where(at.name, raw);
  const OwnerList* list = load(at.dir, where.path);
  return list ? list->find(where.entry, raw.st_ino) : std::nullopt;
}

std::optional<Noted> OwnerLists::find(const sys::Fd& dir, const char* name,
                                      const struct stat& raw) {
  const std::lock_guard lock(mutex_);
  return note_of({dir, name}, raw);
}

/// A line that was not written whole is taken back: what follows it would be lost.
Result<void> OwnerLists::append(const sys::Fd& dir, const std::string& path,
                                const std::string& line) {
  const sys::Fd file = TRY(sys::open_again({dir, path.c_str()}, O_WRONLY | O_APPEND | O_NONBLOCK));
  const struct stat before = TRY(sys::stat_fd(file));
  auto written = sys::write_all(file, line);
  if (!written) (void)sys::set_size(file, static_cast<uint64_t>(before.st_size));
  return written;
}

/// A list that was there is not lost where the power is: the new one is on disk before.
Result<void> OwnerLists::rewrite(const sys::Fd& dir, const std::string& path, OwnerList list) {
  (void)sys::remove_entry(*work_, kStaged);  // of a try that failed
  const sys::FileAt staged{*work_, kStaged};
  const sys::Fd file = TRY(sys::create_file(staged, S_IRUSR | S_IWUSR, O_WRONLY));
  TRY(sys::set_mode_of(staged, S_IRUSR | S_IWUSR));  // whatever the umask of the caller
  TRY(sys::write_all(file, list.rewritten()));
  const auto before = sys::stat_of({dir, path.c_str()});
  if (before && syncs_) TRY(sys::sync_contents(file, sys::SyncWhat::Everything));
  const size_t slash = path.find('/');
  const std::string place = slash == std::string::npos ? "." : path.substr(0, slash);
  const KeptTimes times(TRY(sys::open_again({dir, place.c_str()}, O_PATH | O_DIRECTORY)));
  TRY(sys::rename_with(staged, {dir, path.c_str()}, 0));
  if (before) known_.erase(before->st_ino);
  known_[TRY(sys::stat_fd(file)).st_ino] = std::move(list);
  return {};
}

Result<void> OwnerLists::change(const sys::Fd& dir, const std::string& path, const Change& change) {
  OwnerList* known = load(dir, path);
  if (!known && !change.noted) return {};
  if (!known) {
    OwnerList fresh;
    (void)fresh.set(change.entry, change.inode, *change.noted);
    return rewrite(dir, path, std::move(fresh));
  }
  const std::string line = change.noted ? known->set(change.entry, change.inode, *change.noted)
                                        : known->remove(change.entry, change.inode);
  const bool short_enough = known->lines() <= 2 * known->size() + kSpareLines;
  auto done = known->whole() && short_enough ? append(dir, path, line) : rewrite(dir, path, *known);
  if (!done) known_.clear();  // what the files have is what counts
  return done;
}

/// The other names of a file with several: a list is of one directory, so all of the layer is
/// looked through. Entries tell their inode numbers, so that this is reading of directories only.
Result<void> OwnerLists::change_links(const struct stat& raw, const Noted* noted) {
  std::vector<sys::Fd> pending;
  pending.push_back(TRY(sys::open_again({root_, "."}, O_PATH | O_DIRECTORY)));
  nlink_t left = raw.st_nlink;
  while (!pending.empty() && left > 0) {
    const sys::Fd here = std::move(pending.back());
    pending.pop_back();
    std::vector<std::string> names;
    auto reader = TRY(sys::EntryReader::open(here));
    sys::RawEntry entry;
    while (TRY(reader.next(entry))) {
      const std::string name(entry.name);
      if (entry.inode == raw.st_ino && entry.type != DT_DIR) names.push_back(name);
      if (entry.type != DT_DIR && entry.type != DT_UNKNOWN) continue;
      auto below = sys::open_again({here, name.c_str()}, O_PATH | O_DIRECTORY);
      if (below) pending.push_back(std::move(*below));
    }
    for (const std::string& name : names) {
      TRY(change(here, OwnerList::kFile, {name, raw.st_ino, noted}));
      --left;
    }
  }
  return {};
}

Result<void> OwnerLists::change_all(sys::FileAt at, const struct stat& raw, const Noted* noted) {
  const std::lock_guard lock(mutex_);
  if (at.name[0] == '\0' && !S_ISDIR(raw.st_mode)) {
    without_name_.erase(raw.st_ino);
    if (noted) without_name_.emplace(raw.st_ino, *noted);
    return {};
  }
  if (raw.st_nlink == 0) return {};  // a directory that was removed
  const Where where(at.name, raw);
  TRY(change(at.dir, where.path, {where.entry, raw.st_ino, noted}));
  if (S_ISDIR(raw.st_mode) || raw.st_nlink <= 1) return {};
  return change_links(raw, noted);
}

Result<void> OwnerLists::set(sys::FileAt at, const struct stat& raw, const Noted& noted) {
  return change_all(at, raw, &noted);
}

Result<void> OwnerLists::unset(sys::FileAt at, const struct stat& raw) {
  if (!find(at.dir, at.name, raw)) return {};  // under no name, then
  return change_all(at, raw, nullptr);
}

/// What is noted of other files that had the name than `but`. A note that stays is none of the
/// file that has the name, so that this cannot be done changes nothing.
void OwnerLists::drop(sys::FileAt at, uint64_t but) {
  const OwnerList* list = load(at.dir, OwnerList::kFile);
  if (!list) return;
  for (const uint64_t inode : list->inodes(at.name))
    if (inode != but) (void)change(at.dir, OwnerList::kFile, {at.name, inode, nullptr});
}

/// Who has the file open sees its owner still when its last name is gone.
void OwnerLists::retire(sys::FileAt at, const struct stat& raw) {
  if (S_ISDIR(raw.st_mode) || raw.st_nlink > 1) return;
  without_name_.erase(raw.st_ino);  // of a file that had the number before
  const auto noted = note_of(at, raw);
  if (!noted) return;
  if (without_name_.size() >= kMostWithoutName) without_name_.clear();
  without_name_.emplace(raw.st_ino, *noted);
}

Result<void> OwnerLists::move(sys::FileAt from, sys::FileAt to, unsigned flags) {
  const std::lock_guard lock(mutex_);
  const auto moved = sys::stat_of(from);
  const auto there = sys::stat_of(to);
  const auto carry = [&](const Result<struct stat>& raw, sys::FileAt old_at,
                         sys::FileAt new_at) -> Result<void> {
    if (!raw || S_ISDIR(raw->st_mode)) return {};
    const auto noted = note_of(old_at, *raw);
    if (!noted) return {};
    return change(new_at.dir, OwnerList::kFile, {new_at.name, raw->st_ino, &*noted});
  };
  const bool exchanges = (flags & RENAME_EXCHANGE) != 0;
  TRY(carry(moved, from, to));
  if (exchanges) TRY(carry(there, to, from));
  if (there && !exchanges) retire(to, *there);
  const uint64_t one = moved ? moved->st_ino : kNobody;
  const uint64_t other = exchanges && there ? there->st_ino : kNobody;
  auto done = sys::rename_with(from, to, flags);
  drop(to, done ? one : there ? there->st_ino : kNobody);
  drop(from, done ? other : one);
  return done;
}

Result<void> OwnerLists::link(sys::FileAt from, sys::FileAt to) {
  const std::lock_guard lock(mutex_);
  const struct stat raw = TRY(sys::stat_of(from));
  const auto noted = note_of(from, raw);
  const auto there = sys::stat_of(to);
  if (there) return sys::link_to(from, to);  // which says EEXIST
  if (noted) TRY(change(to.dir, OwnerList::kFile, {to.name, raw.st_ino, &*noted}));
  auto done = sys::link_to(from, to);
  drop(to, done ? raw.st_ino : kNobody);
  return done;
}

Result<void> OwnerLists::remove(sys::FileAt at) {
  const std::lock_guard lock(mutex_);
  const struct stat raw = TRY(sys::stat_of(at));
  retire(at, raw);
  TRY(sys::remove_entry(at.dir, at.name));
  drop(at, kNobody);
  return {};
}

void OwnerLists::forget(sys::FileAt at) {
  const std::lock_guard lock(mutex_);
  const auto there = sys::stat_of(at);
  drop(at, there ? there->st_ino : kNobody);
}

}  // namespace wolffia::overlay
