// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "plan/host.hpp"

namespace wolffia::launch {

/// The facts about this kernel and user that make_plan(spec, …) may look at, and no others: every
/// one costs system calls at each start. The name service is never asked; getsubids(1) is, when
/// nsswitch.conf(5) names another source than the files and the files have nothing.
Result<plan::Host> probe_host(const oci::Spec& spec);

/// Which security modules this kernel runs.
plan::SecurityModules probe_security_modules();

}  // namespace wolffia::launch
