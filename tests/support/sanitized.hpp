// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Whether a sanitizer watches: it slows everything down, and sees the same in a
/// sample.
namespace wolffia::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

}  // namespace wolffia::test
