// SPDX-License-Identifier: Apache-2.0
// Owners and modes in the upper layer: given to the files, or noted of them.
#include "overlay/upper.hpp"
#include "sys/directory.hpp"

namespace wolffia::overlay {
namespace {

/// Whether a file system, or our lack of rights over it, refuses an owner, a device or an
/// attribute.
bool is_refused(const Error& error) {
  return error.is(EPERM) || error.is(EINVAL) || error.is(ENOTSUP) || error.is(EACCES);
}

}  // namespace

/// Null where there is nothing in them.
OwnerLists* Upper::lists() const {
  return stack_.has_notes(kUpper) ? stack_.lists(kUpper) : nullptr;
}

const char* Upper::note_attribute() const {
  return stack_.options().override_stat == StatOverride::Privileged ? kPrivilegedNoteAttribute
                                                                    : kNoteAttribute;
}

Result<void> Upper::expect_notes() const {
  if (stack_.has_notes(kUpper)) return {};
  const struct stat root = TRY(sys::stat_of({this->root(), ""}));
  const Noted noted{root.st_uid, root.st_gid, root.st_mode & 07777, 0};
  if (OwnerLists* lists = stack_.lists(kUpper))
    TRY(lists->set({this->root(), ""}, root, noted));
  else
    TRY(sys::set_attribute_of({this->root(), "."}, note_attribute(), noted.text(), 0));
  stack_.expect_notes();
  return {};
}

Result<void> Upper::note(sys::FileAt at, const Wanted& wanted, const struct stat& now) const {
  TRY(expect_notes());
  const Noted noted{wanted.uid, wanted.gid, wanted.mode, wanted.device};
  if (OwnerLists* lists = this->lists()) return lists->set(at, now, noted);
  TRY(sys::set_attribute_of(at, note_attribute(), noted.text(), 0));
  return {};
}

void Upper::remove_note(sys::FileAt at, const struct stat& now) const {
  if (!stack_.has_notes(kUpper)) return;
  if (OwnerLists* lists = this->lists())
    (void)lists->unset(at, now);
  else
    (void)sys::remove_attribute_of(at, note_attribute());
}

Result<bool> Upper::dress(sys::FileAt at, const Wanted& wanted, const struct stat& now) const {
  const bool is_link = S_ISLNK(wanted.mode);
  const mode_t permissions = wanted.mode & 07777;
  const bool stands_for = (now.st_mode & S_IFMT) != (wanted.mode & S_IFMT);
  // Attributes of users are for files and directories. Source: xattr_permission() in fs/xattr.c.
  const bool is_notable = stack_.lists(kUpper) || S_ISREG(now.st_mode) || S_ISDIR(now.st_mode);
  const bool always = is_notable && stack_.options().override_stat != StatOverride::WhereNeeded;
  bool fits = !stands_for && !always;
  bool changed = false;
  if (fits && (now.st_uid != wanted.uid || now.st_gid != wanted.gid)) {
    auto given = sys::set_owner_of(at, wanted.uid, wanted.gid);
    if (!given && !is_refused(given.error())) return std::move(given).error();
    fits = static_cast<bool>(given);
    changed = fits;
  }
  if (fits) {
    // An owner that changes takes the set-user-ID bits away, so the mode is last.
    const bool taken = changed && (wanted.mode & (S_ISUID | S_ISGID)) != 0;
    if (!is_link && (taken || now.st_mode != wanted.mode)) {
      TRY(sys::set_mode_of(at, permissions));
      changed = true;
    }
    remove_note(at, now);
    return changed;
  }
  // A link can have no attribute of users.
  if (is_link && !always && !stack_.lists(kUpper)) return false;
  // Who reads the layer must get at it whatever the mode that is shown.
  if (!is_link) TRY(sys::set_mode_of(at, Noted::least_mode(wanted.mode)));
  TRY(note(at, wanted, now));
  return true;
}

Result<void> Upper::move(sys::FileAt from, sys::FileAt to, unsigned flags) const {
  OwnerLists* lists = this->lists();
  return lists ? lists->move(from, to, flags) : sys::rename_with(from, to, flags);
}

Result<void> Upper::link(sys::FileAt from, sys::FileAt to) const {
  OwnerLists* lists = this->lists();
  return lists ? lists->link(from, to) : sys::link_to(from, to);
}

Result<void> Upper::remove(sys::FileAt at) const {
  OwnerLists* lists = this->lists();
  return lists ? lists->remove(at) : sys::remove_entry(at.dir, at.name);
}

void Upper::forget(sys::FileAt at) const {
  if (OwnerLists* lists = this->lists()) lists->forget(at);
}

}  // namespace wolffia::overlay
