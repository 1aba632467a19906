// SPDX-License-Identifier: Apache-2.0
#include "plan/parts.hpp"
#include "plan/seccomp.hpp"

namespace wolffia::plan {
namespace {

Error not_yet(std::string_view field) {
  return Error::because(ENOTSUP, cat(field, " is not part of this release"));
}

}  // namespace

bool annotated(const oci::Spec& spec, std::string_view key) {
  const std::string* value = spec.annotation(key);
  return value && (*value == "1" || *value == "true");
}

Result<void> check_supported(const oci::Spec& spec) {
  if (!spec.linux.unsupported.empty()) return not_yet(spec.linux.unsupported.front());
  if (spec.linux.seccomp) {
    TRY(read_policy(*spec.linux.seccomp));  // or only the filter would tell
    TRY(check_execve(*spec.linux.seccomp));
  }
  const std::string* mountpoints = spec.annotation(kMountpoints);
  if (mountpoints && *mountpoints != "cover")
    return Error::because(EINVAL, cat("annotations ", kMountpoints, " must be \"cover\""));
  return {};
}

}  // namespace wolffia::plan
