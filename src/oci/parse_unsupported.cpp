// SPDX-License-Identifier: Apache-2.0
#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

Result<void> check_intel_rdt(const json::Object& object) {
  std::string_view text;
  for (const char* const key : {"closID", "l3CacheSchema", "memBwSchema"})
    TRY(object.read(key, text));
  bool truth = false;
  for (const char* const key : {"enableCMT", "enableMBM", "enableMonitoring"})
    TRY(object.read(key, truth));
  std::vector<std::string> lines;
  return object.read("schemata", lines);
}

}  // namespace

Result<void> read_unsupported(const json::Object& section, std::vector<std::string>& unsupported) {
  std::optional<json::Object> rdt;
  TRY(section.read("intelRdt", rdt));
  if (!rdt) return {};
  TRY(check_intel_rdt(*rdt));
  unsupported.emplace_back("linux.intelRdt");  // even "{}" asks: for a group named like us
  return {};
}

}  // namespace wolffia::oci
