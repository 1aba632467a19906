// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/record.hpp"
#include "image/store.hpp"

/// --filter of `ps` and `images`, in the words of podman-ps(1): of one name any value will do, but
/// of labels all have to be there; each name has to be met.
namespace wolffia::cli::user {

/// For lists that may be empty. Errors: EINVAL naming what a filter takes.
Result<void> check_container_filters(const std::vector<std::string>& filters);
Result<void> check_image_filters(const std::vector<std::string>& filters);

/// Errors: as above.
Result<bool> passes(const Known& known, const std::vector<std::string>& filters);
Result<bool> passes(const image::Tagged& image, const std::vector<std::string>& filters);

/// Whether the filters ask about containers that have ended.
bool ask_for_ended(const std::vector<std::string>& filters);

}  // namespace wolffia::cli::user
