// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>

#include <algorithm>
#include <span>
#include <vector>

#include "overlay/answer.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kLargestReply = 1 << 20;  // bytes: no allocation for what somebody else asks
constexpr off_t kDots = 2;                 // "." and "..", which no layer lists

/// An answer to readdir or readdirplus that is filled entry by entry.
class Reply {
 public:
  Reply(fuse_req_t request, size_t size, bool plus)
      : request_(request), buffer_(buffer_of(std::min(size, kLargestReply))), plus_(plus) {}

  /// False where it does not fit. A null `entry.ino` adds the name without a lookup.
  bool add(const char* name, const fuse_entry_param& entry, off_t next) {
    char* const at = buffer_.data() + used_;
    const size_t left = buffer_.size() - used_;
    const size_t size = plus_ ? ::fuse_add_direntry_plus(request_, at, left, name, &entry, next)
                              : ::fuse_add_direntry(request_, at, left, name, &entry.attr, next);
    if (size > left) return false;
    used_ += size;
    return true;
  }
  bool plus() const { return plus_; }
  int send() const { return ::fuse_reply_buf(request_, buffer_.data(), used_); }

 private:
  /// Kept by each thread: the largest is soon as large as any.
  static std::span<char> buffer_of(size_t size) {
    static thread_local std::vector<char> buffer;
    if (buffer.size() < size) buffer.resize(size);
    return {buffer.data(), size};
  }

  fuse_req_t request_;
  std::span<char> buffer_;
  size_t used_ = 0;
  bool plus_;
};

fuse_entry_param dot(const NodePtr& node) {
  fuse_entry_param entry{};
  entry.attr.st_ino = node->inode;
  entry.attr.st_mode = S_IFDIR;
  return entry;
}

fuse_entry_param plain(const Overlay& overlay, const Listed& listed) {
  fuse_entry_param entry{};
  entry.attr.st_ino = overlay.inode(listed);
  entry.attr.st_mode = static_cast<mode_t>(DTTOIF(listed.type));
  return entry;
}

/// Whether only the name of an entry is told, which then is no lookup. Of a copy in the upper layer
/// the listing has not the number that it is shown with.
bool is_only_named(DirectoryHandle& open, const Listed& listed) {
  if (listed.type == DT_DIR || listed.type == DT_UNKNOWN || listed.layer == kUpper) return false;
  if (open.listing == Told::All) return false;
  if (open.listing == Told::Probing) open.listing = Told::All;
  open.node->told_names = true;
  return true;
}

/// Every entry of a readdirplus that was sent counts as looked up.
Result<void> fill(Overlay& overlay, DirectoryHandle& open, off_t offset, Reply& reply,
                  std::vector<uint64_t>& counted) {
  for (off_t at = offset; at < kDots; ++at)
    if (!reply.add(at == 0 ? "." : "..", dot(open.node), at + 1)) return {};
  const auto first = static_cast<size_t>(std::max<off_t>(offset - kDots, 0));
  for (size_t i = first; i < open.entries.size(); ++i) {
    const Listed& listed = open.entries[i];
    const off_t next = static_cast<off_t>(i) + kDots + 1;
    if (!reply.plus() || is_only_named(open, listed)) {
      if (!reply.add(listed.name.c_str(), plain(overlay, listed), next)) return {};
      continue;
    }
    const auto seen = overlay.look_up_listed(open.node, listed);
    if (!seen || !*seen) continue;  // gone since it was listed
    if (!reply.add(listed.name.c_str(), entry_of(**seen, overlay), next)) {
      overlay.forget((*seen)->node->id, 1);
      return {};
    }
    counted.push_back((*seen)->node->id);
  }
  return {};
}

void read(fuse_req_t request, size_t size, off_t offset, uint64_t handle, bool plus) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    if (offset < 0) return Error::because(EINVAL, "a negative offset");
    const auto open = TRY(overlay.directory(handle, offset == 0));
    Reply reply(request, size, plus);
    std::vector<uint64_t> counted;
    {
      const std::lock_guard lock(open->mutex);
      if (offset == 0 && plus) open->listing = overlay.readers().next(process_of(request));
      TRY(fill(overlay, *open, offset, reply, counted));
    }
    if (reply.send() != 0)
      for (const uint64_t id : counted)
        overlay.forget(id, 1);
    return {};
  });
}

void on_readdir(fuse_req_t request, fuse_ino_t, size_t size, off_t offset,
                fuse_file_info* file) noexcept {
  read(request, size, offset, file->fh, false);
}

void on_readdirplus(fuse_req_t request, fuse_ino_t, size_t size, off_t offset,
                    fuse_file_info* file) noexcept {
  read(request, size, offset, file->fh, true);
}

void on_opendir(fuse_req_t request, fuse_ino_t id, fuse_file_info* file) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    file->fh = TRY(overlay.open_directory(TRY(overlay.node(id))));
    file->cache_readdir = 1;
    file->keep_cache = 1;
    if (::fuse_reply_open(request, file) != 0) overlay.close_directory(file->fh);
    return {};
  });
}

void on_releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* file) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    overlay.close_directory(file->fh);
    return {};
  });
}

void on_fsyncdir(fuse_req_t request, fuse_ino_t id, int, fuse_file_info*) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    return overlay.sync_directory(TRY(overlay.node(id)));
  });
}

}  // namespace

void add_directory_operations(fuse_lowlevel_ops& operations) {
  operations.opendir = on_opendir;
  operations.readdir = on_readdir;
  operations.readdirplus = on_readdirplus;
  operations.releasedir = on_releasedir;
  operations.fsyncdir = on_fsyncdir;
}

}  // namespace wolffia::overlay
