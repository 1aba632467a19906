// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "launch/init.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::container {

using Annotations = std::vector<std::pair<std::string, std::string>>;

/// The value of an annotation; null where there is none.
const std::string* find_annotation(const Annotations& annotations, std::string_view key);

/// The seccomp filter that a bundle asks for by `section`, or by the program that
/// run.oci.seccomp_bpf_data brings, which stands for all of the section. With the section's
/// listener, who is told `state`. `cache` as with launch::load_filter().
Result<void> add_filter(const std::optional<oci::Seccomp>& section, const Annotations& annotations,
                        const sys::Fd& cache, std::string_view state, launch::Handover& handover);

}  // namespace wolffia::container
