// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "image/local/files.hpp"
#include "image/source.hpp"

namespace wolffia::image {

/// The image `tag` of the OCI layout in `files`; without a tag the only one. `name` is what
/// messages call it. Source: image-spec image-layout.md.
/// Errors: EINVAL when it is no layout; ENOENT naming the tags there are.
Result<std::unique_ptr<Source>> open_layout(std::unique_ptr<FileSet> files, std::string_view tag,
                                            std::string name);

/// The image `tag` ("debian:12") of what `docker save` and `podman save` wrote, or the only one.
/// It has no manifest of OCI: one is made of its layers, which are the diffs themselves.
/// Source: github.com/moby/moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset
/// Format".
Result<std::unique_ptr<Source>> open_docker_archive(std::unique_ptr<FileSet> files,
                                                    std::string_view tag, std::string name);

}  // namespace wolffia::image
