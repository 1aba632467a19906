// SPDX-License-Identifier: Apache-2.0
#include "overlay/upper.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include <utility>

#include "overlay/layer_paths.hpp"
#include "overlay/marks.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::overlay {
namespace {

constexpr const char* kWork = "work";  // as the kernel calls it
constexpr const char* kVolatile = "incompat/volatile";
constexpr const char* kWhiteout = "whiteout";
constexpr const char* kOpaque = "user.overlay.opaque";
constexpr const char* kOpaqueMark = ".wh..wh..opq";
constexpr const char* kLinksAttribute = "user.overlay.wolffia.links";
constexpr const char* kWhiteoutAttribute = "user.overlay.whiteout";
constexpr mode_t kOwnersDirectory = S_IRWXU;

bool is_device(mode_t mode) {
  return S_ISCHR(mode) || S_ISBLK(mode);
}

Result<sys::Fd> open_work(const std::string& path, const sys::Fd& upper) {
  auto opened = sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!opened) return about_path(std::move(opened).error(), path).context("workdir");
  const sys::Fd parent = std::move(*opened);
  TRY(check_apart(upper, parent));
  const auto made = sys::make_directory(parent, kWork, kOwnersDirectory);
  if (!made && !made.error().is(EEXIST)) return made.error();
  // The kernel's overlayfs leaves it without any permission.
  TRY(sys::set_mode_of({parent, kWork}, kOwnersDirectory), "workdir ", path);
  sys::Fd work = TRY(sys::open_directory(parent, kWork), "workdir ", path);
  if (sys::stat_of({work, kVolatile}))
    return Error::because(EINVAL, cat("workdir ", path, " is of a volatile mount: what is in ",
                                      "upperdir may be torn; remove ", kWork, "/incompat to ",
                                      "mount it all the same"));
  TRY(sys::empty_directory(work), "empty workdir ", path);
  return work;
}

}  // namespace

/// Mostly it was moved away long ago. Who has it open sees its owner still.
Upper::Staged::~Staged() {
  if (!upper_) return;
  if (upper_->lists()) (void)upper_->remove(file());
  (void)sys::remove_tree(upper_->work_, name_.c_str());
}

Upper::Staged Upper::stage() const {
  return {*this, cat("#", next_.fetch_add(1))};
}

Result<std::unique_ptr<Upper>> Upper::open(Stack& stack) {
  sys::Fd work = TRY(open_work(stack.options().work, *stack.root(kUpper)->fd()));
  const struct stat upper = TRY(stack.root(kUpper)->status(""));
  if (TRY(sys::stat_fd(work)).st_dev != upper.st_dev)
    return Error::because(EXDEV, "workdir must be on the file system of upperdir");
  std::unique_ptr<Upper> opened(new Upper(stack, std::move(work)));
  TRY(opened->probe());
  if (!stack.options().durable)
    TRY(sys::make_directories_below(opened->work_, kVolatile, kOwnersDirectory));
  return opened;
}

/// Whiteouts are devices where those can be made (Linux 5.8 without privilege), else files with an
/// attribute, else files with a name that only union file systems of users know.
Result<void> Upper::probe() {
  const Staged probe = stage();
  TRY(sys::make_file(work_, probe.file().name, S_IRUSR | S_IWUSR), "workdir");
  has_attributes_ = stack_.options().attributes &&
                    sys::set_attribute_of(probe.file(), "user.overlay.wolffia.probe", "y", 0);
  hides_links_ = bool(sys::attribute_of({root(), "."}, kLinksAttribute));
  if (sys::make_node(work_, kWhiteout, S_IFCHR, ::makedev(0, 0)))
    format_ = Format::Device;
  else if (has_attributes_)
    format_ = Format::Attribute;
  stack_.keep_in_lists(!has_attributes_);
  const Options& options = stack_.options();
  if (OwnerLists* lists = stack_.lists(kUpper))
    lists->write_in(work_, options.durable && options.sync);
  return {};
}

Result<void> Upper::make(sys::FileAt at, const Wanted& wanted, const char* target) const {
  if (target) return sys::make_symlink(target, at.dir, at.name);
  if (S_ISREG(wanted.mode)) return sys::make_file(at.dir, at.name, wanted.mode & 0777);
  auto made = sys::make_node(at.dir, at.name, wanted.mode, wanted.device);
  const bool may_note = (has_attributes_ || stack_.lists(kUpper)) && is_device(wanted.mode) &&
                        !made && made.error().is(EPERM);
  if (!may_note) return made;
  return sys::make_file(at.dir, at.name, S_IRUSR | S_IWUSR);  // dress() notes what it stands for
}

Result<void> Upper::put(sys::FileAt from, sys::FileAt at) const {
  TRY(move(from, at, 0));
  unhide(at);
  return {};
}

Result<void> Upper::put_directory(sys::FileAt from, sys::FileAt at) const {
  auto moved = sys::rename_with(from, at, RENAME_NOREPLACE);
  if (!moved && moved.error().is(EEXIST)) moved = sys::rename_with(from, at, RENAME_EXCHANGE);
  TRY(std::move(moved));
  unhide(at);
  return {};
}

/// What it showed it shows still, which is nothing; what hid things in it goes.
Result<void> Upper::clear(sys::FileAt directory) const {
  const struct stat now = TRY(sys::stat_of(directory));
  const Staged fresh = stage();
  TRY(sys::make_directory(fresh.file().dir, fresh.file().name, now.st_mode & 07777));
  TRY(make_opaque(fresh.file()));
  return sys::rename_with(fresh.file(), directory, RENAME_EXCHANGE);
}

Result<void> Upper::make_whiteout(sys::FileAt at) const {
  if (format_ == Format::Device) return sys::make_node(at.dir, at.name, S_IFCHR, ::makedev(0, 0));
  TRY(sys::make_file(at.dir, at.name, 0));
  return sys::set_attribute_of(at, kWhiteoutAttribute, "y", 0);
}

/// One inode is enough for all: it is made anew where it has as many links as may be.
Result<void> Upper::link_whiteout(sys::FileAt at) const {
  const sys::FileAt shared{work_, kWhiteout};
  auto linked = sys::link_to(shared, at);
  if (linked || linked.error().is(EEXIST)) return linked;
  const std::lock_guard lock(whiteout_mutex_);
  if (sys::link_to(shared, at)) return {};
  const Staged fresh = stage();
  TRY(make_whiteout(fresh.file()));
  TRY(sys::rename_with(fresh.file(), shared, 0));
  linked = sys::link_to(shared, at);
  if (linked || linked.error().is(EEXIST)) return linked;
  return make_whiteout(at);  // a file system without links
}

Result<void> Upper::hide(sys::FileAt at) const {
  if (format_ == Format::Prefix) {
    const std::string mark = cat(kWhiteoutPrefix, at.name);
    const auto made = sys::make_file(at.dir, mark.c_str(), 0);
    if (!made && !made.error().is(EEXIST)) return made.error();
    const auto removed = remove(at);
    if (removed || removed.error().is(ENOENT)) return {};
    if (removed.error().is(EISDIR)) return remove_directory(at);
    return removed.error();
  }
  if (format_ == Format::Attribute) {  // they are looked for where the directory says so
    const auto opaque = sys::attribute_of({at.dir, "."}, kOpaque);
    if (!opaque) TRY(sys::set_attribute_of({at.dir, "."}, kOpaque, "x", 0));
  }
  auto linked = link_whiteout(at);
  if (linked || !linked.error().is(EEXIST)) return linked;
  const Staged staged = stage();
  TRY(link_whiteout(staged.file()));
  auto moved = move(staged.file(), at, 0);
  if (moved || !moved.error().is(EISDIR)) return moved;
  return sys::rename_with(staged.file(), at, RENAME_EXCHANGE);  // the directory goes with `staged`
}

void Upper::expect_hidden_links() const {
  const bool said = hides_links_.exchange(true);
  if (!said && has_attributes_) (void)sys::set_attribute_of({root(), "."}, kLinksAttribute, "y", 0);
}

void Upper::unhide(sys::FileAt at) const {
  if (format_ != Format::Prefix) return;
  (void)sys::remove_entry(at.dir, cat(kWhiteoutPrefix, at.name).c_str());
}

Result<void> Upper::make_opaque(sys::FileAt directory) const {
  if (has_attributes_) return sys::set_attribute_of(directory, kOpaque, "y", 0);
  const sys::Fd opened = TRY(sys::open_again(directory, O_PATH | O_DIRECTORY));
  const auto made = sys::make_file(opened, kOpaqueMark, 0);
  if (!made && !made.error().is(EEXIST)) return made.error();
  return {};
}

Result<void> Upper::seal(const LayerDir& directory) const {
  std::vector<std::string> whiteouts;  // looked for first: the mark takes the place of another
  TRY(directory.list([&](const Entry& entry) {
    const std::string name(entry.name);
    const auto status = directory.status(name.c_str());
    if (name == OwnerList::kFile) return true;
    const bool hides = is_mark(name) ? name.find(kOpaqueMark) != 0
                                     : status && is_whiteout(directory, name.c_str(), *status);
    if (hides) whiteouts.push_back(name);
    return true;
  }));
  TRY(make_opaque({*directory.fd(), "."}));
  for (const std::string& name : whiteouts)
    TRY(sys::remove_entry(*directory.fd(), name.c_str()));
  return {};
}

Result<void> Upper::remove_directory(sys::FileAt at) const {
  auto removed = sys::remove_directory(at.dir, at.name);
  if (removed || !removed.error().is(ENOTEMPTY)) return removed;
  const Staged staged = stage();
  return sys::rename_with(at, staged.file(), RENAME_NOREPLACE);  // it goes with `staged`
}

Result<void> Upper::rename_and_hide(sys::FileAt from, sys::FileAt to) const {
  if (format_ == Format::Device) {
    auto moved = move(from, to, RENAME_WHITEOUT);
    if (moved || !moved.error().is(EINVAL)) return moved;
  }
  TRY(move(from, to, 0));
  return hide(from);
}

}  // namespace wolffia::overlay
