// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "json/writer.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::cli::user {

/// Writes the section as runtime-spec config-linux.md, "Seccomp", has it.
void write_seccomp(json::Writer& out, const oci::Seccomp& section);

}  // namespace wolffia::cli::user
