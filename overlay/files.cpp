// SPDX-License-Identifier: Apache-2.0
// What is open.
#include <fcntl.h>

#include "overlay/forced.hpp"
#include "overlay/overlay.hpp"
#include "sys/data.hpp"

namespace wolffia::overlay {
namespace {

constexpr int kToRun = 0x20;  // FMODE_EXEC in linux/fs.h of the kernel: execve(2) opens it

}  // namespace

/// The kernel keeps the place in the file and appends by itself, and with a cache of writes it
/// reads what is written to in part. Nothing that stands there meanwhile must hold a thread.
int Overlay::flags_in_upper(int flags) const {
  const int plain = O_NONBLOCK | O_NOCTTY;
  if ((flags & O_ACCMODE) == O_RDONLY) return O_RDONLY | (flags & O_TRUNC) | plain;
  const int mode = options().writeback ? O_RDWR : flags & O_ACCMODE;
  return mode | (flags & O_TRUNC) | plain;
}

Result<uint64_t> Overlay::open_file(const NodePtr& node, int flags) {
  using Use = FileHandle::Use;
  const bool only_reads = (flags & O_ACCMODE) == O_RDONLY;
  const bool writes = !only_reads || (flags & O_TRUNC);
  // The kernel keeps writers off a program that runs, but looks at who only truncates it when we
  // have done that, and the program with a file of no size is killed.
  // Source: do_open() in fs/namei.c, fuse_finish_open() in fs/fuse/file.c.
  if (only_reads && writes && node->runs > 0) return Error::because(ETXTBSY, "it runs");
  const Use use = writes ? Use::Writes : flags & kToRun ? Use::Runs : Use::Reads;
  const auto handle = std::make_shared<FileHandle>(node, use);
  const Contents contents = flags & O_TRUNC ? Contents::Leave : Contents::Copy;
  const auto shape = TRY(writes ? copy_up_.shape_for_change(node, contents) : hold_shape());
  const Place place = TRY(writes ? copy_up_.upper_place(node, contents) : copy_up_.place(node));
  handle->layer = place.layer;
  if (place.layer == kUpper) {
    handle->content = host_content(TRY(open_forced(place.at(), flags_in_upper(flags))));
  } else {
    handle->content = TRY(place.dir->open(place.name.c_str()));
  }
  return files_.add(handle);
}

/// A file that was opened for reading is another one once it was copied up.
Result<std::shared_ptr<const Content>> Overlay::content(uint64_t id) {
  const auto handle = files_.get(id);
  if (!handle) return Error::because(EBADF, "no file is open under this number");
  const std::lock_guard lock(handle->mutex);
  if (handle->layer == kUpper || !layers_of(*handle->node).in_upper()) return handle->content;
  const std::shared_lock shape(shape_);
  const Place place = TRY(copy_up_.place(handle->node));
  handle->content = host_content(TRY(open_forced(place.at(), O_RDONLY | O_NONBLOCK)));
  handle->layer = kUpper;
  return handle->content;
}

/// While somebody may write, the kernel may hold bytes that it has not handed on: they would seem
/// to be a hole, and be lost to who copies around holes. EINVAL is what lseek(2) answers where a
/// file system cannot tell: then all of the file is read.
Result<uint64_t> Overlay::seek(uint64_t id, uint64_t offset, int whence) {
  const auto handle = files_.get(id);
  if (!handle) return Error::because(EBADF, "no file is open under this number");
  const auto bytes = TRY(content(id));
  if (options().writeback && handle->node->writers > 0)
    return Error::because(EINVAL, "somebody has it open for writing");
  return bytes->seek(offset, whence);
}

Result<int> Overlay::control(const NodePtr& node, unsigned code, void* argument, bool changes) {
  const auto shape = TRY(changes ? copy_up_.shape_for_change(node) : hold_shape());
  const Place place = TRY(changes ? copy_up_.upper_place(node) : copy_up_.place(node));
  if (!place.dir->fd()) return Error::because(ENOTTY, "the file is in an image");
  const sys::Fd file = TRY(sys::open_again(place.at(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  return sys::control(file, code, argument);
}

Result<uint64_t> Overlay::open_directory(const NodePtr& node) {
  if (!node->is_directory()) return Error::because(ENOTDIR, "it is no directory");
  auto handle = std::make_shared<DirectoryHandle>();
  handle->node = node;
  return open_directories_.add(std::move(handle));
}

Result<std::shared_ptr<DirectoryHandle>> Overlay::directory(uint64_t id, bool from_start) {
  auto handle = open_directories_.get(id);
  if (!handle) return Error::because(EBADF, "no directory is open under this number");
  const std::lock_guard lock(handle->mutex);
  if (handle->read && !from_start) return handle;
  const std::shared_lock shape(shape_);
  bool removed = false;
  {
    const std::lock_guard node_lock(handle->node->mutex);
    removed = handle->node->kept != nullptr;
  }
  handle->entries = removed ? std::vector<Listed>() : TRY(merge_.list(handle->node));
  handle->read = true;
  return handle;
}

}  // namespace wolffia::overlay
