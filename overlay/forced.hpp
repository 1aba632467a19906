// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "sys/file_at.hpp"

namespace wolffia::overlay {

/// Opens a file of the upper layer whatever its mode. The kernel has checked that the caller may; a
/// daemon without privilege, which owns the file, lends itself the permission for that moment.
Result<sys::Fd> open_forced(sys::FileAt file, int flags);

/// Opens a file or directory of a layer to read it. The time of its last access stays, as with the
/// kernel's overlayfs, where the daemon may ask for that: of its own files, or with CAP_FOWNER.
/// Source: ovl_path_open() in fs/overlayfs/util.c.
Result<sys::Fd> open_unseen(sys::FileAt file, int flags);

}  // namespace wolffia::overlay
