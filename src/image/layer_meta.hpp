// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/digest.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// What is known of a layer in the store: its file "meta".
struct LayerMeta {
  oci::Digest diff_id;
  uint64_t bytes = 0;  // of file contents
  uint64_t entries = 0;
  std::string boot_id = {};  // of the machine that made it; set by the store
};

std::string encode_layer_meta(const LayerMeta& meta);
/// nullopt: cut short, by a loss of power.
std::optional<LayerMeta> decode_layer_meta(std::string_view text);
/// nullopt: there is no such layer, or none that is whole.
Result<std::optional<LayerMeta>> read_layer_meta(const sys::Fd& store, std::string_view owners,
                                                 std::string_view key);

}  // namespace wolffia::image
