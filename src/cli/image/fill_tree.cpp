// SPDX-License-Identifier: Apache-2.0
#include "cli/image/fill_tree.hpp"

#include <fcntl.h>

#include "oci/parse_image.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::image {

using wolffia::image::ResolvedImage;

Result<void> fill_tree(const sys::Fd& tree, const ResolvedImage& image,
                       const wolffia::image::FetchMeans& means, wolffia::image::Owners owners) {
  const sys::Fd nothing_kept = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  for (size_t i = 0; i < image.manifest.layers.size(); ++i) {
    const oci::Descriptor& blob = image.manifest.layers[i];
    wolffia::image::LayerOrder order{
        .blob = blob, .diff_id = image.config.diff_ids[i], .options = {}};
    order.options.diff_id = order.diff_id.algorithm();
    order.options.compression = TRY(oci::layer_compression(blob.media_type));
    order.options.whiteouts = wolffia::image::Whiteouts::Apply;
    order.options.owners = owners;
    const auto unpacked = TRY(wolffia::image::fetch_layer(order, nothing_kept, tree, means));
    tell(means.progress, unpacked.warnings, &blob.digest);
    if (!unpacked.pending.empty())
      return Error::because(
          EINVAL, cat("layer ", blob.digest.text(), ": ", unpacked.pending[0].path,
                      " is a link to ", unpacked.pending[0].target, ", which does not exist"));
  }
  return {};
}

}  // namespace wolffia::cli::image
