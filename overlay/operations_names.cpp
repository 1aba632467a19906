// SPDX-License-Identifier: Apache-2.0
#include "overlay/answer.hpp"

namespace wolffia::overlay {
namespace {

/// That a name is not there is remembered by the kernel too: nobody but it can make it.
void on_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const NodePtr directory = TRY(overlay.node(parent));
    const auto seen = TRY(overlay.look_up(directory, name));
    if (seen) {
      if (directory->told_names && !seen->node->is_directory())
        overlay.readers().looked(process_of(request));
      reply_entry(request, *seen, overlay);
      return {};
    }
    fuse_entry_param absent{};
    absent.entry_timeout = overlay.options().timeout;
    (void)::fuse_reply_entry(request, &absent);
    return {};
  });
}

void make(fuse_req_t request, fuse_ino_t parent, const char* name, const Making& making) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const Caller caller = caller_of(request, overlay);
    const Seen made = TRY(overlay.make(TRY(overlay.node(parent)), name, making, caller));
    reply_entry(request, made, overlay);
    return {};
  });
}

void on_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
              dev_t device) noexcept {
  make(request, parent, name, {mode, device, nullptr, std::nullopt});
}

void on_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) noexcept {
  make(request, parent, name, {S_IFDIR | (mode & 07777), 0, nullptr, std::nullopt});
}

void on_symlink(fuse_req_t request, const char* target, fuse_ino_t parent,
                const char* name) noexcept {
  make(request, parent, name, {S_IFLNK | 0777, 0, target, std::nullopt});
}

void on_link(fuse_req_t request, fuse_ino_t id, fuse_ino_t parent, const char* name) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const NodePtr node = TRY(overlay.node(id));
    const Seen linked = TRY(overlay.link(node, TRY(overlay.node(parent)), name));
    reply_entry(request, linked, overlay);
    return {};
  });
}

void on_unlink(fuse_req_t request, fuse_ino_t parent, const char* name) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    return overlay.unlink(TRY(overlay.node(parent)), name);
  });
}

void on_rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    return overlay.remove_directory(TRY(overlay.node(parent)), name);
  });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libfuse's
void on_rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
               const char* new_name, unsigned flags) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    const NodePtr from = TRY(overlay.node(parent));
    const NodePtr to = TRY(overlay.node(new_parent));
    const std::string old_text = name;
    const std::string new_text = new_name;
    return overlay.rename({from, old_text}, {to, new_text}, flags);
  });
}

void on_readlink(fuse_req_t request, fuse_ino_t id) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const std::string text = TRY(overlay.link_text(TRY(overlay.node(id))));
    (void)::fuse_reply_readlink(request, text.c_str());
    return {};
  });
}

}  // namespace

void add_name_operations(fuse_lowlevel_ops& operations) {
  operations.lookup = on_lookup;
  operations.mknod = on_mknod;
  operations.mkdir = on_mkdir;
  operations.symlink = on_symlink;
  operations.link = on_link;
  operations.unlink = on_unlink;
  operations.rmdir = on_rmdir;
  operations.rename = on_rename;
  operations.readlink = on_readlink;
}

}  // namespace wolffia::overlay
