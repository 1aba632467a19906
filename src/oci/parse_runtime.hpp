// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::oci {

/// Parses a config.json. `text` is the whole file; it is padded in place for the parser.
/// Errors: EINVAL, one sentence that names the field as written ("mounts[2].destination must be
/// an absolute path") or, for broken JSON, the line and column.
/// Source: runtime-spec 1.3.0 config.md and config-linux.md.
Result<Spec> parse_spec(std::string text);

/// Parses the object that `exec --process` takes. Source: runtime-spec config.md, "Process".
Result<Process> parse_process(std::string text);

/// Parses the object that `update --resources` takes: linux.resources.
Result<Resources> parse_resources(std::string text);

}  // namespace wolffia::oci
