// SPDX-License-Identifier: Apache-2.0
#pragma once
#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif
#include <fuse3/fuse_lowlevel.h>

namespace wolffia::overlay {

/// The answers to all requests; the session's user data is an Overlay.
const fuse_lowlevel_ops& operations();

}  // namespace wolffia::overlay
