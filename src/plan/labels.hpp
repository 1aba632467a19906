// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "oci/runtime_spec.hpp"

namespace wolffia::plan {

/// Whether the process is to have a label of a security module, or with `spec` a mount too.
bool names_labels(const oci::Process& process);
bool names_labels(const oci::Spec& spec);

}  // namespace wolffia::plan
