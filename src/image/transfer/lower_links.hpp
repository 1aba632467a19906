// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "image/layer/unpack.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// Makes the hard links of a layer whose targets lie in the layers below: a target is copied up
/// into `tree`, with its attributes, as overlayfs would on link(2), and the name linked to it.
/// `below` are the paths of the lower trees, lowest first.
/// Errors: EINVAL naming a link whose target is nowhere, or is no regular file.
Result<void> link_lower(const sys::Fd& tree, std::span<const PendingLink> links,
                        std::span<const std::string> below);

/// Hides everything in `below` behind `tree`, whose layer has an opaque mark in its root: overlayfs
/// asks the root for none, so each name there is hidden by itself.
Result<void> hide_lower(const sys::Fd& tree, std::span<const std::string> below);

}  // namespace wolffia::image
