// SPDX-License-Identifier: Apache-2.0
#include "oci/parse_parts.hpp"

namespace wolffia::oci {

Result<Mount> parse_mount(const json::Object& object) {
  Mount mount;
  mount.destination = TRY(object.get<std::string>("destination"));
  if (mount.destination.empty()) return object.invalid("destination", "must not be empty");
  // runtime-spec config.md, "Mounts": a relative destination starts at "/".
  if (mount.destination.front() != '/') mount.destination.insert(0, 1, '/');
  TRY(object.read("type", mount.type));
  TRY(object.read("source", mount.source));
  TRY(object.read("options", mount.options));
  TRY(read_id_maps(object, "uidMappings", mount.uid_mappings));
  TRY(read_id_maps(object, "gidMappings", mount.gid_mappings));
  return mount;
}

}  // namespace wolffia::oci
