// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/fs.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "overlay/answer.hpp"
#include "overlay/raw_requests.hpp"
#include "sys/data.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kLargestRead = 1 << 20;

/// A place in a file, to copy to or from. Source: FUSE_BUFVEC_INIT, which C++ does not have.
fuse_bufvec place_in(const sys::Fd& file, off_t offset, size_t size, unsigned more_flags) {
  fuse_bufvec place{};
  place.count = 1;
  place.buf[0].size = size;
  place.buf[0].flags = static_cast<fuse_buf_flags>(FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK | more_flags);
  place.buf[0].fd = file.get();
  place.buf[0].pos = offset;
  return place;
}

Result<const sys::Fd*> file_of(const Content& content) {
  if (!content.file()) return Error::because(EBADF, "the file is in an image");
  return content.file();
}

void on_create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const Making making{S_IFREG | (mode & 07777), 0, nullptr, file->flags};
    const Caller caller = caller_of(request, overlay);
    const Opened made = TRY(overlay.create(TRY(overlay.node(parent)), name, making, caller));
    file->fh = made.handle;
    file->keep_cache = 1;
    const fuse_entry_param entry = entry_of(made.seen, overlay);
    if (::fuse_reply_create(request, &entry, file) != 0) {
      overlay.forget(made.seen.node->id, 1);
      overlay.close_file(file->fh);
    }
    return {};
  });
}

void on_open(fuse_req_t request, fuse_ino_t id, fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const NodePtr node = TRY(overlay.node(id));
    file->fh = TRY(overlay.open_file(node, file->flags));
    if (kills_set_ids()) (void)overlay.take_set_ids(node, changer_of(request));
    file->keep_cache = 1;
    if (::fuse_reply_open(request, file) != 0) overlay.close_file(file->fh);
    return {};
  });
}

void on_release(fuse_req_t request, fuse_ino_t, fuse_file_info* file) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    overlay.close_file(file->fh);
    return {};
  });
}

void on_read(fuse_req_t request, fuse_ino_t, size_t size, off_t offset,
             fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const auto content = TRY(overlay.content(file->fh));
    size = std::min(size, kLargestRead);
    const Content::View view = TRY(content->view(static_cast<uint64_t>(offset), size));
    if (view.held) {
      (void)::fuse_reply_buf(request, view.bytes.data(), view.bytes.size());
      return {};
    }
    static thread_local std::string buffer;
    if (buffer.size() < size) buffer.resize(size);
    const size_t got = TRY(content->read(static_cast<uint64_t>(offset), {buffer.data(), size}));
    (void)::fuse_reply_buf(request, buffer.data(), got);
    return {};
  });
}

/// A write takes the set-user-ID bits of a file away. The kernel has seen to that where a program
/// wrote; what only comes out of its cache, through shared memory, leaves them.
class KeptMode {
 public:
  KeptMode(const sys::Fd& file, bool keep) : file_(file) {
    if (!keep) return;
    const auto status = sys::stat_fd(file);
    if (status && status->st_mode & (S_ISUID | S_ISGID)) mode_ = status->st_mode & 07777;
  }
  KeptMode(const KeptMode&) = delete;
  ~KeptMode() {
    if (mode_) (void)sys::set_mode(file_, *mode_);
  }

 private:
  const sys::Fd& file_;
  std::optional<mode_t> mode_;
};

/// Writes everything; how much, where less fits. The kernel takes a short answer to what comes out
/// of its cache for success, and whoever wrote would never know: that is an error from the first
/// byte on. Source: fuse_writepage_end() in fs/fuse/file.c.
Result<size_t> write_from(fuse_bufvec* from, const sys::Fd& fd, off_t offset, bool cached) {
  const size_t size = ::fuse_buf_size(from);
  size_t done = 0;
  while (done < size) {
    fuse_bufvec to =
        place_in(fd, offset + static_cast<off_t>(done), size - done, FUSE_BUF_FD_RETRY);
    const ssize_t written = ::fuse_buf_copy(&to, from, fuse_buf_copy_flags{});
    if (written < 0 && (cached || done == 0))
      return Error::because(static_cast<int>(-written), "write");
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  return done;
}

void on_write(fuse_req_t request, fuse_ino_t id, fuse_bufvec* from, off_t offset,
              fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const auto content = TRY(overlay.content(file->fh));
    const sys::Fd& fd = *TRY(file_of(*content));
    const KeptMode mode(fd, file->writepage);
    const size_t written = TRY(write_from(from, fd, offset, file->writepage));
    if (kills_set_ids()) TRY(overlay.take_set_ids(TRY(overlay.node(id)), changer_of(request)));
    (void)::fuse_reply_write(request, written);
    return {};
  });
}

void on_fsync(fuse_req_t request, fuse_ino_t, int data_only, fuse_file_info* file) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    const auto content = TRY(overlay.content(file->fh));
    if (!overlay.syncs() || !content->file()) return {};
    const auto what = data_only ? sys::SyncWhat::Data : sys::SyncWhat::Everything;
    return sys::sync_contents(*content->file(), what);
  });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libfuse's
void on_fallocate(fuse_req_t request, fuse_ino_t, int mode, off_t offset, off_t size,
                  fuse_file_info* file) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    const auto content = TRY(overlay.content(file->fh));
    return sys::allocate(*TRY(file_of(*content)), mode, static_cast<uint64_t>(offset),
                         static_cast<uint64_t>(size));
  });
}

void on_lseek(fuse_req_t request, fuse_ino_t, off_t offset, int whence,
              fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const uint64_t at = TRY(overlay.seek(file->fh, static_cast<uint64_t>(offset), whence));
    (void)::fuse_reply_lseek(request, static_cast<off_t>(at));
    return {};
  });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libfuse's
void on_copy_file_range(fuse_req_t request, fuse_ino_t, off_t from_offset, fuse_file_info* from,
                        fuse_ino_t, off_t to_offset, fuse_file_info* to, size_t size,
                        int) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const auto source = TRY(overlay.content(from->fh));
    const auto target = TRY(overlay.content(to->fh));
    if (!source->file()) return Error::because(EOPNOTSUPP, "the file is in an image");
    const size_t copied = TRY(
        sys::copy_range(*source->file(), static_cast<uint64_t>(from_offset), *TRY(file_of(*target)),
                        static_cast<uint64_t>(to_offset), std::min<size_t>(size, INT32_MAX)));
    (void)::fuse_reply_write(request, copied);
    return {};
  });
}

/// The requests that concern attributes of a file, with an argument that is no pointer.
struct Control {
  unsigned request;
  size_t size;
  bool changes;
};
constexpr std::array kControls{
    Control{FS_IOC_GETVERSION, sizeof(int), false}, Control{FS_IOC_GETFLAGS, sizeof(int), false},
    Control{FS_IOC_SETFLAGS, sizeof(int), true}, Control{FS_IOC_FSGETXATTR, sizeof(fsxattr), false},
    Control{FS_IOC_FSSETXATTR, sizeof(fsxattr), true}};

// NOLINTNEXTLINE(readability-function-size): the parameters are libfuse's
void on_ioctl(fuse_req_t request, fuse_ino_t id, unsigned code, void*, fuse_file_info*,
              unsigned flags, const void* in, size_t in_size, size_t out_size) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const auto* const control = std::find_if(kControls.begin(), kControls.end(),
                                             [&](const Control& it) { return it.request == code; });
    if (control == kControls.end() || (flags & FUSE_IOCTL_COMPAT))
      return Error::because(ENOTTY, "no request of files");
    std::array<char, sizeof(fsxattr)> argument{};
    if (in && in_size > 0) std::memcpy(argument.data(), in, std::min(in_size, control->size));
    const int done =
        TRY(overlay.control(TRY(overlay.node(id)), code, argument.data(), control->changes));
    const size_t reply = control->changes ? 0 : std::min(out_size, control->size);
    (void)::fuse_reply_ioctl(request, done, argument.data(), reply);
    return {};
  });
}

}  // namespace

void add_file_operations(fuse_lowlevel_ops& operations) {
  operations.create = on_create;
  operations.open = on_open;
  operations.release = on_release;
  operations.read = on_read;
  operations.write_buf = on_write;
  operations.fsync = on_fsync;
  operations.fallocate = on_fallocate;
  operations.lseek = on_lseek;
  operations.copy_file_range = on_copy_file_range;
  operations.ioctl = on_ioctl;
}

}  // namespace wolffia::overlay
