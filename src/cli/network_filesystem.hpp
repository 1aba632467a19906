// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

namespace wolffia::cli {

/// "nfs": the name of a file system that other machines serve; empty for a local one.
std::string_view network_filesystem(uint64_t type);

}  // namespace wolffia::cli
