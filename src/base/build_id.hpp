// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace wolffia {

/// What tells the running program from other builds of it: the linker's build id, as raw bytes;
/// the commit where it was linked without one. Source: ld(1), --build-id.
std::string_view build_id();

}  // namespace wolffia
