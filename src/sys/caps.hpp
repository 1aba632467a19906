// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"

/// The calling thread's capability sets; bit n is capability n. The only user of libcap.
/// Source: capabilities(7), libcap(3).
namespace wolffia::sys {

/// The effective set now.
Result<uint64_t> effective_capabilities();

/// Drops every capability outside `keep` from the bounding set. Needs CAP_SETPCAP.
/// Errors: ERANGE when libcap missed some of them. Source: PR_CAPBSET_DROP in prctl(2).
Result<void> limit_bounding(uint64_t keep);

/// Keeps the permitted set through the next change of user ids. Source: PR_SET_KEEPCAPS.
Result<void> keep_capabilities();

/// Sets effective, permitted and inheritable in one call. Source: capset(2).
Result<void> set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable);

/// Makes `ambient` the ambient set. Each must be permitted and inheritable. Linux 4.3.
Result<void> set_ambient(uint64_t ambient);

}  // namespace wolffia::sys
