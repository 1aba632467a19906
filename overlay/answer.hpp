// SPDX-License-Identifier: Apache-2.0
#pragma once
#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif
#include <fuse3/fuse_lowlevel.h>

#include <new>

#include "overlay/overlay.hpp"

namespace wolffia::overlay {

/// Runs one request to its answer. Nothing escapes: a dead daemon hangs every file of the mount.
template <class Op>
void answer(fuse_req_t request, Op op) noexcept {
  int code = EIO;
  try {
    Overlay& overlay = *static_cast<Overlay*>(::fuse_req_userdata(request));
    const Result<void> done = op(overlay);
    if (done) return;
    code = done.error().code();
  } catch (const std::bad_alloc&) {
    code = ENOMEM;
  } catch (...) {  // NOLINT(bugprone-empty-catch): the answer is EIO
  }
  (void)::fuse_reply_err(request, code);
}

/// The status of a request that has no other answer.
template <class Op>
void answer_status(fuse_req_t request, Op op) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    TRY(op(overlay));
    (void)::fuse_reply_err(request, 0);
    return {};
  });
}

/// What the kernel is told of a file, and for how long it may believe it.
fuse_entry_param entry_of(const Seen& seen, const Overlay& overlay);

/// Answers with an entry; where the kernel is gone meanwhile, it will never forget it.
void reply_entry(fuse_req_t request, const Seen& seen, Overlay& overlay);

/// The thread that asks, as this process sees it.
uint32_t process_of(fuse_req_t request);

Caller caller_of(fuse_req_t request, const Overlay& overlay);
Changer changer_of(fuse_req_t request);

void add_name_operations(fuse_lowlevel_ops& operations);
void add_attribute_operations(fuse_lowlevel_ops& operations);
void add_file_operations(fuse_lowlevel_ops& operations);
void add_directory_operations(fuse_lowlevel_ops& operations);

}  // namespace wolffia::overlay
