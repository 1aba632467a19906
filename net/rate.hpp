// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace wolffia::net {

/// So many bytes a second, in bursts of a tenth of one. Who has taken more than there was has to
/// wait until it is paid.
class Rate {
 public:
  using Time = std::chrono::milliseconds;  // of a clock that never goes back

  /// 0: no limit.
  explicit Rate(uint64_t bytes_per_second = 0) : speed_(static_cast<int64_t>(bytes_per_second)) {}

  void take(size_t bytes) {
    if (speed_ != 0) left_ -= static_cast<int64_t>(bytes) * kThousand;
  }
  bool is_limited() const { return speed_ != 0; }
  /// When it may go on; nullopt: now.
  std::optional<Time> closed_until(Time now);

 private:
  static constexpr int64_t kThousand = 1000;
  int64_t speed_;     // bytes a second, which are thousandths of bytes a millisecond
  int64_t left_ = 0;  // thousandths of bytes
  Time filled_{};
};

}  // namespace wolffia::net
