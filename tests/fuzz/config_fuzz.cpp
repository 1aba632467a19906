// SPDX-License-Identifier: Apache-2.0
// config.json and the process file of `exec`, as anybody may have written them.
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "json/field.hpp"
#include "json/locate.hpp"
#include "json/writer.hpp"
#include "oci/parse_runtime.hpp"

namespace {

using namespace wolffia;
using fuzz::require;
using fuzz::require_sentence;

/// The parser and the locator, written apart from each other, have to agree about every text.
void check_json(const std::string& text) {
  const auto document = json::Document::parse(text, "a.json");
  const std::string fault = json::locate_fault(text);
  if (document) {
    require(fault.empty());
    require(text.find(document->raw({})) != std::string::npos);
    return;
  }
  require_sentence(document.error());
  const bool twice = document.error().message().ends_with(" appears twice");
  require(fault.empty() == twice);
}

/// What the parser promises about a Spec beyond its types.
void check_spec(const oci::Spec& spec) {
  require(!spec.root.path.empty() && spec.oci_version.starts_with("1."));
  for (const oci::Mount& mount : spec.mounts)
    require(mount.destination.starts_with('/'));
  for (const auto* const maps : {&spec.linux.uid_mappings, &spec.linux.gid_mappings}) {
    for (const oci::IdMap& map : *maps) {
      require(map.size > 0 && map.size <= UINT32_MAX - map.host);
      require(map.size <= UINT32_MAX - map.container);
    }
  }
  for (const oci::Namespace& one : spec.linux.namespaces)
    require(spec.find_namespace(one.type) == &one);
  if (spec.process) {
    require(!spec.process->args.empty() && spec.process->cwd.starts_with('/'));
    require(spec.process->user.uid != UINT32_MAX && spec.process->user.gid != UINT32_MAX);
  }
  if (spec.linux.seccomp) require(json::locate_fault(spec.linux.seccomp->source).empty());
}

/// Whatever the bytes are, a written string is valid JSON.
void check_writer(std::string_view bytes) {
  std::string quoted;
  json::append_quoted(quoted, bytes);
  require(json::locate_fault(quoted).empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  check_json(text);
  check_writer(text);
  const auto spec = oci::parse_spec(text);
  if (spec) {
    check_spec(*spec);
  } else {
    require_sentence(spec.error());
  }
  const auto process = oci::parse_process(text);
  if (!process) require_sentence(process.error());
  return 0;
}
