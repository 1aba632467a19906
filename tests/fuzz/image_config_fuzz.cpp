// SPDX-License-Identifier: Apache-2.0
// The config of an image: what a stranger wrote about how it is to be run.
#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "oci/parse_image.hpp"

namespace {

using namespace wolffia;
using fuzz::require;

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// All of it becomes C strings, and variables have names (I7).
void check_config(const oci::ImageConfig& config) {
  for (const auto* const list :
       {&config.env, &config.entrypoint, &config.cmd, &config.exposed_ports, &config.volumes})
    require(std::none_of(list->begin(), list->end(), has_nul));
  for (const std::string& entry : config.env)
    require(entry.find('=') != std::string::npos && entry[0] != '=');
  for (const std::string& volume : config.volumes)
    require(volume.starts_with('/'));
  for (const auto& [key, value] : config.labels)
    require(!has_nul(key) && !has_nul(value));
  require(!has_nul(config.user) && !has_nul(config.working_dir) && !has_nul(config.stop_signal));
  require(config.diff_ids.size() <= oci::kMaxLayers);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto config = oci::parse_image_config(std::string(data, data + size), "c");
  if (config)
    check_config(*config);
  else
    fuzz::require_sentence(config.error());
  return 0;
}
