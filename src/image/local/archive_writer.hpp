// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "image/destination.hpp"
#include "image/local/archive_file.hpp"

namespace wolffia::image {

/// Images in one archive; close() ends it.
class ImageArchive : public Destination {
 public:
  /// What finish() will call the next image; may be empty.
  virtual void name_next(std::vector<std::string> names) = 0;
};

/// An OCI layout as a tar archive; blobs are byte for byte what they were. `name` is what messages
/// call it. Source: image-spec image-layout.md.
std::unique_ptr<ImageArchive> write_layout_archive(std::unique_ptr<ArchiveFile> file,
                                                   std::string name);

/// What `docker load` and `podman load` read: manifest.json, a config and the decompressed layers
/// of each image, which therefore has no manifest of its own there. A name needs a tag: one that
/// has none gets "latest". Precondition: `file` was made with Late::Yes.
/// Errors of put_manifest(): EINVAL for an index, or what is no image of layers.
/// Source: github.com/moby/moby image/spec/v1.2.md, "Combined Image JSON".
std::unique_ptr<ImageArchive> write_docker_archive(std::unique_ptr<ArchiveFile> file,
                                                   std::string name);

}  // namespace wolffia::image
