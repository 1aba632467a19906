// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace wolffia::sys {

/// A filter of system calls for processes of our own: what is not named is refused with EPERM, and
/// another processor's calls end the process. Arguments are compared by their low 32 bits, as the
/// kernel reads flags and requests. Source: seccomp(2).
class AllowList {
 public:
  AllowList();

  void allow(std::span<const int> calls);
  /// Only with all of `bits` in argument `index`.
  void allow_with_all(int call, size_t index, uint32_t bits) { add(call, index, bits, bits); }
  /// Only with none of them.
  void allow_with_none(int call, size_t index, uint32_t bits) { add(call, index, bits, 0); }
  /// Only where argument `index` is one of `values`.
  void allow_values(int call, size_t index, std::span<const uint32_t> values);
  /// Not where argument `index` is `value`.
  void allow_unless(int call, size_t index, uint32_t value);
  /// Only where argument `index` is a null pointer, all of whose bits are compared, and argument
  /// `flags` has none of `bits`.
  void allow_with_null(int call, size_t index, size_t flags, uint32_t bits);
  /// Only where argument `index` is `value`, and argument `flags` has none of `bits`.
  void allow_with_value(int call, size_t index, uint32_t value, size_t flags, uint32_t bits);
  /// Refused with another error.
  void refuse(int call, int error);

  /// `flags`: SECCOMP_FILTER_FLAG_*. Errors: as install_filter() of sys/seccomp.hpp.
  Result<void> install(unsigned flags);

 private:
  void add(int call, size_t index, uint32_t mask, uint32_t wanted);

  std::vector<sock_filter> program_;
};

}  // namespace wolffia::sys
