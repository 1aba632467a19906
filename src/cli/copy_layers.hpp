// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

/// Makes the directory `name` in `parent` that holds what an overlay of `layers` (lowest first)
/// would show: whiteouts and opaque directories applied, hard links of a layer kept, extents shared
/// with the layers where the file system can. All or nothing: it appears whole. Source:
/// overlayfs.rst, "whiteouts and opaque directories".
Result<void> copy_layers(std::span<const sys::InRoot> layers, const sys::Fd& parent,
                         const char* name);

}  // namespace wolffia::cli
