// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "image/remote/registry.hpp"

namespace wolffia::image::remote {

/// Whether the repository has the blob.
Result<bool> has_blob(Repository& repository, const oci::Descriptor& blob);

/// Brings a blob from `source` into the repository, checked on the way: it is not committed unless
/// its digest is right. Where `from`, another repository of the same registry, has it, nothing is
/// sent. What a dropped connection left out is sent from there. Errors: as Repository::blob().
/// Source: distribution-spec, "Pushing a blob in chunks", "Mounting a blob".
Result<void> upload_blob(Repository& repository, const oci::Descriptor& blob, Source& source,
                         const std::string& from);

/// How many bytes a Range field ("0-99", without a unit) says have arrived; nullopt: no such field.
std::optional<uint64_t> received(std::string_view range);

}  // namespace wolffia::image::remote
