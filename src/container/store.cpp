// SPDX-License-Identifier: Apache-2.0
#include "container/store.hpp"

#include <fcntl.h>
#include <linux/magic.h>

#include <algorithm>

#include "base/quote.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"
#include "sys/mount.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kFileLimit = 16U << 20;
constexpr size_t kTraceLimit = 256;

constexpr const char* kState = "state.json";
constexpr const char* kConfig = "config.json";
constexpr const char* kRecovery = "recovery";

// What a directory usually holds: removed by name, which spares a listing.
constexpr const char* kUsualFiles[] = {kState, kConfig, kRecovery, kGate};

/// The name of the trace beside the directory; "@" is in no id.
std::string trace_name(const std::string& id) {
  return cat("@", id);
}

/// Reads a file of ours whatever it has become: never waits on a FIFO, never follows a link.
Result<std::string> read_regular(const sys::Fd& directory, const char* name, size_t limit) {
  const sys::Fd file =
      TRY(sys::open_at(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  const struct stat status = TRY(sys::stat_fd(file));
  if (!S_ISREG(status.st_mode)) return Error::because(EINVAL, cat(name, " is not a regular file"));
  const auto size = static_cast<size_t>(status.st_size);
  if (size > limit) return Error::because(EFBIG, cat(name, " is larger than ", limit, " bytes"));
  return sys::read_exactly(file, size);
}

Result<sys::Fd> write_new(const sys::Fd& directory, const char* name, std::string_view text) {
  sys::Fd file = TRY(
      sys::open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR),
      name);
  TRY(sys::write_all(file, text), name);
  return file;
}

/// Syncs where that means something: in memory, where a login has its state, it is spared.
Result<void> sync_on_disk(const sys::Fd& file, const sys::Fd& directory) {
  const auto type = sys::filesystem_type(file);
  if (type && !outlives_the_machine(*type)) return {};
  for (const sys::Fd* one : {&file, &directory}) {
    auto synced = sys::sync_file(*one);
    if (!synced && !synced.error().is(EINVAL)) return synced;  // EINVAL: there is nothing to sync
  }
  return {};
}

Error missing(const std::string& id) {
  return Error::because(ENOENT, cat("container ", id, " does not exist"));
}

}  // namespace

Result<void> check_id(std::string_view id) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";
  if (id.empty()) return Error::because(EINVAL, "container id cannot be empty");
  if (id.size() > kIdLimit)
    return Error::because(EINVAL, cat("container id is longer than ", kIdLimit, " characters"));
  if (id == "." || id == ".." || id.find_first_not_of(kAllowed) != std::string_view::npos)
    return Error::because(
        EINVAL, cat("invalid container id ", quoted(id), ": letters, digits and _+.- are allowed"));
  return {};
}

bool outlives_the_machine(uint64_t filesystem_type) {
  return filesystem_type != TMPFS_MAGIC && filesystem_type != RAMFS_MAGIC;
}

Result<State> Entry::load() const {
  auto text = read_regular(directory_, kState, kFileLimit);
  if (!text && text.error().is(ENOENT)) return Error::because(ENOENT, "there is no state.json");
  State state = TRY(decode_state(TRY(std::move(text))));
  if (state.id != id_) return Error::because(EINVAL, "state.json is of another container");
  return state;
}

Result<std::string> Entry::config() const {
  return read_regular(directory_, kConfig, kFileLimit);
}

pid_t Entry::creator() const {
  return sys::used_by(directory_);
}

Reservation::~Reservation() {
  if (!store_) return;
  // What cannot be removed is left for delete --force: the error being reported matters more.
  (void)store_->remove_trace(entry_.id(), trace_);
  (void)store_->erase(entry_);
}

Result<void> Reservation::save_config(std::string_view text) {
  TRY(write_new(entry_.directory(), kConfig, text));
  return {};
}

// The one file that is synced, so that after a crash of the machine it says whose directory this
// is; state.json is not: that costs as much as a start, and what it names is gone then.
Result<void> Reservation::trace(const Identity& init) {
  std::string identity = encode_identity(init);
  TRY(store_->leave_trace(entry_.id(), identity), "leave a trace of init");
  trace_ = std::move(identity);
  const sys::Fd file = TRY(write_new(entry_.directory(), kRecovery, trace_));
  TRY(sync_on_disk(file, entry_.directory()), kRecovery);
  return {};
}

Result<void> Reservation::record(const State& state) {
  // Readers find all of it or nothing. The name is nobody else's: the directory is reserved.
  constexpr const char* kUnfinished = ".state.json";
  TRY(write_new(entry_.directory(), kUnfinished, encode_state(state)));
  TRY(sys::rename_entry(entry_.directory(), kUnfinished, kState), kState);
  return {};
}

Entry Reservation::keep() && {
  store_ = nullptr;
  (void)sys::clear_mark(entry_.directory());  // where there was none, none is left
  return std::move(entry_);
}

Result<Store> Store::open(const std::string& root) {
  StateRoot found = TRY(open_state_root(root), "state root");
  return Store(std::move(found));
}

Result<Reservation> Store::reserve(const std::string& id) const {
  TRY(check_id(id));
  if (auto made = sys::make_directory(directory_, id.c_str(), S_IRWXU); !made) {
    if (made.error().is(EEXIST))
      return Error::because(EEXIST, cat("container with id ", id, " exists already"));
    return std::move(made).error().context(path_);
  }
  auto directory = sys::open_directory(directory_, id.c_str());
  if (!directory) {
    if (!directory.error().is(ENOENT)) (void)sys::remove_directory(directory_, id.c_str());
    return std::move(directory).error().context(id);
  }
  (void)sys::mark_in_use(*directory);  // without locks a dead create reads as one going on
  return Reservation(*this, Entry(id, std::move(directory).value()));
}

Result<Entry> Store::find(const std::string& id) const {
  TRY(check_id(id));
  auto directory = sys::open_directory(directory_, id.c_str());
  if (directory) return Entry(id, std::move(directory).value());
  if (directory.error().is(ENOENT)) return missing(id);
  return std::move(directory).error().context(cat("container ", id));
}

Result<std::vector<std::string>> Store::ids() const {
  std::vector<std::string> names = TRY(sys::entry_names(directory_, SIZE_MAX), path_);
  std::erase_if(names, [](const std::string& name) { return !check_id(name); });
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> Store::leave_trace(const std::string& id, std::string_view identity) const {
  const std::string name = trace_name(id);
  auto made = sys::make_symlink(identity, directory_, name.c_str());
  if (made || !made.error().is(EEXIST)) return made;
  // Left where somebody removed the directory by hand. What it names may still be alive.
  if (auto text = sys::read_symlink(directory_, name.c_str()); text) {
    const auto earlier = decode_identity(*text);
    if (earlier && facts_of(*earlier))
      return Error::because(
          EEXIST, cat("an earlier container ", id, " still runs: end it with delete --force ", id));
  }
  TRY(remove_any(name));
  return sys::make_symlink(identity, directory_, name.c_str());
}

std::string Store::trace_text(const std::string& id) const {
  auto text = sys::read_symlink(directory_, trace_name(id).c_str());
  return text ? std::move(text).value() : std::string();
}

Result<void> Store::remove_trace(const std::string& id, std::string_view text) const {
  const std::string name = trace_name(id);
  const auto now = sys::read_symlink(directory_, name.c_str());
  if (now && *now != text) return {};
  if (!now && now.error().is(ENOENT)) return {};
  return remove_any(name);  // ours, or something that is no trace at all
}

Result<std::vector<Identity>> Store::traces(const std::string& id) const {
  TRY(check_id(id));
  std::vector<Identity> found;
  const auto add = [&](Result<Identity> one) {
    if (one && std::find(found.begin(), found.end(), *one) == found.end())
      found.push_back(std::move(one).value());
  };
  const auto decode = [](Result<std::string> text) -> Result<Identity> {
    return decode_identity(TRY(std::move(text)));
  };
  if (const auto entry = find(id); entry) {
    if (auto state = entry->load(); state) add(state->init);
    add(decode(read_regular(entry->directory(), kRecovery, kTraceLimit)));
  }
  add(decode_identity(trace_text(id)));
  return found;
}

Result<void> Store::remove_any(const std::string& name) const {
  return sys::remove_tree(directory_, name.c_str());
}

bool Store::holds(const Entry& entry) const {
  const auto named = sys::stat_entry(directory_, entry.id().c_str());
  const auto opened = sys::stat_fd(entry.directory());
  return named && opened && named->st_ino == opened->st_ino && named->st_dev == opened->st_dev;
}

Result<void> Store::erase(const Entry& entry) const {
  for (const char* file : kUsualFiles)
    (void)sys::remove_entry(entry.directory(), file);
  if (!holds(entry)) return {};  // removed, or even reserved anew, by another runtime
  auto removed = sys::remove_directory(directory_, entry.id().c_str());
  if (removed || removed.error().is(ENOENT)) return {};
  (void)sys::change_mode(directory_, entry.id().c_str(), S_IRWXU);  // or nothing can be removed
  TRY(sys::empty_directory(entry.directory()), "remove the state of ", entry.id());
  TRY(sys::remove_directory(directory_, entry.id().c_str()), "remove the state of ", entry.id());
  return {};
}

Result<void> Store::erase_unreadable(const std::string& id) const {
  TRY(check_id(id));
  TRY(remove_any(id), "remove the state of ", id);
  return {};
}

}  // namespace wolffia::container
