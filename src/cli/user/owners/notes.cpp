// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/notes.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>

#include "base/noted.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/mount.hpp"
#include "sys/session.hpp"
#include "sys/space.hpp"

namespace wolffia::cli::user::owners {
namespace {

constexpr uint32_t kAsItIs = UINT32_MAX;
constexpr mode_t kPermissions = 07777;

Result<sys::Fd> open_file(const Caller& caller, const Call& call, const std::string& text) {
  if (call.kind == Call::Kind::OwnerOfDescriptor) return caller.descriptor(call.directory);
  if (text.empty() && !call.may_be_empty) return Error::because(ENOENT, "an empty path");
  if (text.empty() && call.directory != AT_FDCWD) return caller.descriptor(call.directory);
  TRY(caller.enter(call.directory));
  const int flags = O_PATH | (call.follows ? 0 : O_NOFOLLOW);
  return sys::open_at(sys::cwd(), text.empty() ? "." : text.c_str(), flags);
}

/// The same file with a descriptor that its attributes can be had by.
Result<sys::Fd> open_for_attributes(const Root& root, const sys::Fd& file) {
  return sys::open_at(root.proc, cat("self/fd/", file.get()).c_str(),
                      O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

bool can_be_noted(const struct stat& status) {
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
}

/// Whether the ids of `call` are those that exist.
bool exists(const Call& call) {
  const auto one = [](uint32_t id) { return id == 0 || id == kAsItIs; };
  return one(call.uid) && one(call.gid);
}

bool is_refused(const Error& error) {
  return error.is(ENOTSUP) || error.is(EPERM) || error.is(EACCES);
}

std::optional<Noted> note_of(const sys::Fd& file) {
  const auto value = sys::attribute(file, kNoteAttribute);
  return value ? Noted::parse(*value) : std::nullopt;
}

/// Whoever mounts the layer later looks for notes only where its root has one. wolffia-overlay
/// refuses it: that sees to it itself.
Result<void> expect_notes(const Root& root) {
  const sys::Fd top = TRY(sys::open_at(sys::cwd(), "/", O_RDONLY | O_DIRECTORY));
  if (TRY(sys::mount_id(top)) != root.mount || note_of(top)) return {};
  const Noted noted{.mode = TRY(sys::stat_fd(top)).st_mode & kPermissions};
  auto set = sys::set_attribute(top, kNoteAttribute, noted.text());
  return set || set.error().is(EPERM) ? Result<void>() : std::move(set);
}

Result<void> remove_note(const sys::Fd& file) {
  auto removed = sys::remove_attribute(file, kNoteAttribute);
  return removed || removed.error().is(ENODATA) ? Result<void>() : std::move(removed);
}

/// To the kernel the owner changes from the one that exists to the same: set-user-ID bits and
/// capabilities go as they always do, and the time of the change is kept.
Result<void> note_owner(const Root& root, const sys::Fd& file, Noted noted) {
  TRY(sys::change_owner(file, 0, 0));
  const mode_t type = noted.mode & S_IFMT;
  if (noted.uid == 0 && noted.gid == 0 && type == 0) return remove_note(file);
  if (type == 0) noted.mode = TRY(sys::stat_fd(file)).st_mode & kPermissions;
  TRY(expect_notes(root));
  return sys::set_attribute(file, kNoteAttribute, noted.text());
}

/// What has no note, and what will be gone with the container anyway.
Result<Outcome> without_note(const sys::Fd& file, const Call& call, const Caller& caller,
                             bool is_of_root) {
  if (exists(call) || !caller.may(CAP_CHOWN)) return Outcome::GoesOn;
  if (is_of_root) return Outcome::Done;
  return TRY(sys::space_of(file)).type == TMPFS_MAGIC ? Outcome::Done : Outcome::GoesOn;
}

}  // namespace

Result<Outcome> change_owner(const Root& root, const Caller& caller, const Call& call,
                             const std::string& text) {
  const auto path = open_file(caller, call, text);
  // The kernel says why; and links below /proc/self lead to what only the caller has.
  if (!path) return Outcome::GoesOn;
  const struct stat status = TRY(sys::stat_fd(*path));
  const bool is_of_root = TRY(sys::mount_id(*path)) == root.mount;
  if (!is_of_root || !can_be_noted(status)) return without_note(*path, call, caller, is_of_root);
  const sys::Fd file = TRY(open_for_attributes(root, *path));
  const std::optional<Noted> before = note_of(file);
  if ((exists(call) && !before) || !caller.may(CAP_CHOWN)) return Outcome::GoesOn;
  Noted noted = before.value_or(Noted());
  if (call.uid != kAsItIs) noted.uid = call.uid;
  if (call.gid != kAsItIs) noted.gid = call.gid;
  if (auto done = note_owner(root, file, noted); !done && !is_refused(done.error()))
    return std::move(done).error();
  return Outcome::Done;
}

Result<Outcome> make_device(const Root& root, const Caller& caller, const Call& call,
                            const std::string& text) {
  if (call.device == 0 || !caller.may(CAP_MKNOD)) return Outcome::GoesOn;  // 0: a whiteout
  TRY(caller.enter(call.directory));
  const size_t slash = text.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : text.substr(0, slash + 1);
  const std::string name = text.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return Outcome::GoesOn;
  const sys::Fd directory = TRY(sys::open_at(sys::cwd(), parent.c_str(), O_PATH | O_DIRECTORY));
  if (TRY(sys::mount_id(directory)) != root.mount) return Outcome::GoesOn;
  const sys::Fd file = TRY(sys::open_at(
      directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  const mode_t mode = (call.mode & S_IFMT) | (call.mode & kPermissions & ~caller.umask());
  const Noted noted{.mode = mode, .device = call.device};
  auto done = expect_notes(root);
  if (done) done = sys::set_attribute(file, kNoteAttribute, noted.text());
  const bool waits =
      done && !note_of(file);  // in wolffia-overlay the device comes as the file goes
  if (!done || waits) {
    auto removed = sys::remove_entry(directory, name.c_str());
    if (waits) done = std::move(removed);
  }
  TRY(std::move(done));
  return Outcome::Done;
}

}  // namespace wolffia::cli::user::owners
