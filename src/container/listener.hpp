// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "launch/init.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::container {

/// Connects `handover` with whoever answers the notifications of its filter, which was compiled of
/// `section`; nothing where it notifies of nothing. `state`: of the container, as hook_state() has
/// it. Errors: those of connect(2), naming linux.seccomp.listenerPath.
Result<void> connect_listener(const oci::Seccomp& section, std::string_view state,
                              launch::Handover& handover);

}  // namespace wolffia::container
