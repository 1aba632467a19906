// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/record.hpp"

namespace wolffia::cli::user {

/// What a container's config.json says of how it was started last.
struct Launched {
  std::vector<std::string> args;
  /// What the runtime makes where it is missing: mount points and the working directory.
  std::vector<std::string> made;
};

/// Nothing where it never started.
Result<Launched> read_launched(const ContainerDir& container);

/// Errors: EINVAL, a sentence, for a container of a plain directory: it has no image that it could
/// be compared with.
Result<void> expect_image(const Record& record);

}  // namespace wolffia::cli::user
