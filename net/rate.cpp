// SPDX-License-Identifier: Apache-2.0
#include "net/rate.hpp"

#include <algorithm>

namespace wolffia::net {

std::optional<Rate::Time> Rate::closed_until(Time now) {
  constexpr int64_t kBurst = 100;  // milliseconds
  if (speed_ == 0) return std::nullopt;
  const int64_t passed = std::clamp<int64_t>((now - filled_).count(), 0, 3'600'000);
  filled_ = now;
  left_ = std::min(left_ + passed * speed_, kBurst * speed_);
  if (left_ >= 0) return std::nullopt;
  return now + Time((-left_ + speed_ - 1) / speed_);
}

}  // namespace wolffia::net
