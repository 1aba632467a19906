// SPDX-License-Identifier: Apache-2.0
#include "helper/overlay.hpp"

namespace wolffia::helper {
namespace {

std::string path_of(int descriptor) {
  return cat("/proc/self/fd/", descriptor);
}

std::string options_of(const UnionParts& parts) {
  std::string text = "lowerdir=";
  for (size_t i = parts.lowers.size(); i > 0; --i)
    text += cat(i == parts.lowers.size() ? "" : ":", path_of(parts.lowers[i - 1]));
  if (parts.upper < 0) return text;
  text += cat(",upperdir=", path_of(parts.upper), ",workdir=", path_of(parts.work));
  return parts.lasts ? text : cat(text, ",volatile");
}

}  // namespace

Result<void> mount_union(DaemonLine& line, const std::string& program, const UnionParts& parts,
                         const std::string& target) {
  std::vector<int> inherited = parts.lowers;
  if (parts.upper >= 0) inherited.insert(inherited.end(), {parts.upper, parts.work});
  return line.start({program, "-f", "-o", options_of(parts), "--", target}, inherited);
}

}  // namespace wolffia::helper
