// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "image/local/files.hpp"
#include "image/source.hpp"

namespace wolffia::image {

/// The image `tag` of the OCI layout in `files`; without a tag the only one. `name` is what
/// messages call it. Source: image-spec image-layout.md.
/// Errors: EINVAL when it is no layout; ENOENT naming the tags there are.
Result<std::unique_ptr<Source>> open_layout(std::shared_ptr<const FileSet> files,
                                            std::string_view tag, std::string name);

/// One image of several, with what it is called there: full references, or what is none.
struct NamedImage {
  std::unique_ptr<Source> source;
  std::vector<std::string> names;
};

/// Of what may hold any number of images so many are taken.
inline constexpr size_t kMostImages = 1000;

/// Every image of the OCI layout in `files`. A name is that of containerd's annotation, which is
/// full, or the tag, behind "localhost/" where it names no host. Errors: as above; E2BIG.
Result<std::vector<NamedImage>> open_layout_images(const std::shared_ptr<const FileSet>& files,
                                                   const std::string& name);

/// The image `tag` ("debian:12") of what `docker save` and `podman save` wrote, or the only one.
/// It has no manifest of OCI: one is made of its layers, which are the diffs themselves.
/// Source: github.com/moby/moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset
/// Format".
Result<std::unique_ptr<Source>> open_docker_archive(std::shared_ptr<const FileSet> files,
                                                    std::string_view tag, std::string name);

/// Every image of such an archive. A name without a host is one of docker.io's, as it is for
/// Docker. Errors: as above; E2BIG.
Result<std::vector<NamedImage>> open_docker_images(const std::shared_ptr<const FileSet>& files,
                                                   const std::string& name);

}  // namespace wolffia::image
