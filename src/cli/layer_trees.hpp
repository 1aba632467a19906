// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

/// The trees of an image's layers, lowest first.
using Trees = std::vector<sys::InRoot>;

/// Opens the directories. Of a layer that an image has twice (that of a step which changed nothing
/// is a usual one) only the upper counts, which says all that the lower does; and the kernel
/// refuses a directory that comes twice. Source: ovl_setup_trap() in fs/overlayfs/super.c.
Result<Trees> open_trees(std::span<const std::string> layers);

}  // namespace wolffia::cli
