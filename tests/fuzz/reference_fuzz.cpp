// SPDX-License-Identifier: Apache-2.0
// What people and files call images, and the platforms they ask for.
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "image/layer_list.hpp"
#include "image/reference.hpp"
#include "image/store_files.hpp"
#include "oci/parse_image.hpp"

namespace {

using namespace wolffia;
using fuzz::require;
using fuzz::require_sentence;

/// A reference is read as what it is written as, and names one file in one directory.
void check_reference(const image::Reference& reference) {
  const std::string text = reference.text();
  const auto again = image::parse_reference(text);
  require(again && *again == reference && again->text() == text);
  require(!reference.host.empty() && !reference.repository.empty());
  require(!reference.tag.empty() || reference.digest.has_value());
  require(text.find("..") == std::string::npos || reference.tag.find("..") != std::string::npos);
  for (const char c : text)
    require(c > 0x20 && c < 0x7f);
  const std::string file = image::ref_name(text);
  require(!file.empty() && file.size() <= 200 && file[0] != '.');
  require(file.find('/') == std::string::npos);
  const auto digest = oci::Digest::parse("sha256:" + std::string(64, 'a'));
  const auto tagged = image::decode_ref(image::encode_ref({text, *digest, false}));
  require(tagged && tagged->reference == text && tagged->manifest == *digest);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reference = image::parse_reference(text);
  if (reference)
    check_reference(*reference);
  else
    require_sentence(reference.error());
  require(!reference || image::has_host(text));
  const auto platform = oci::parse_platform(text);
  if (platform)
    require(oci::parse_platform(platform_text(*platform)).operator bool());
  else
    require_sentence(platform.error());
  const auto list = image::decode_layer_list(text);
  if (list)
    for (const std::string& key : list->keys)
      require(image::is_key(key));
  const auto tagged = image::decode_ref(text);
  if (tagged) require(image::parse_reference(tagged->reference).operator bool());
  return 0;
}
