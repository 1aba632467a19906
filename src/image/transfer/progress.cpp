// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/progress.hpp"

namespace wolffia::image {

void tell(Progress& progress, std::span<const Warning> warnings, const oci::Digest* layer) {
  const std::string name = layer ? cat("layer ", layer->hex().substr(0, 12), ": ") : "";
  for (const Warning& warning : warnings) {
    const std::string more = warning.count > 1 ? cat(" and ", warning.count - 1, " more") : "";
    progress.note(cat(name, warning.what, ": ", warning.entries[0], more));
    for (const std::string& entry : warning.entries)
      progress.detail(cat(name, warning.what, ": ", entry));
  }
}

}  // namespace wolffia::image
