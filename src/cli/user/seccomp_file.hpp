// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/user/request.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::cli::user {

/// The profile in the file of --security-opt seccomp=FILE as the section linux.seccomp.
Result<oci::Seccomp> load_seccomp(const RunRequest& request);

/// `text`, as config.json has the section or as Docker and containers-common write profiles, with
/// rules that count for some architectures, kernels and capabilities only, as the former.
/// Source: containers-common, seccomp.json. Errors: EINVAL with the field.
Result<std::string> convert_seccomp(std::string text, std::string_view name,
                                    const std::vector<std::string>& capabilities,
                                    std::string_view kernel);

}  // namespace wolffia::cli::user
