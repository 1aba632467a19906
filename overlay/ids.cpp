// SPDX-License-Identifier: Apache-2.0
#include "overlay/ids.hpp"

#include <span>

namespace wolffia::overlay {
namespace {

constexpr uint32_t kNobody = 65534;  // overflowuid, overflowgid

uint32_t to_inside(std::span<const IdRange> ranges, uint32_t outside) {
  if (ranges.empty()) return outside;
  for (const IdRange& it : ranges)
    if (outside >= it.outside && outside - it.outside < it.size)
      return it.inside + (outside - it.outside);
  return kNobody;
}

std::optional<uint32_t> to_outside(std::span<const IdRange> ranges, uint32_t inside) {
  if (ranges.empty()) return inside;
  for (const IdRange& it : ranges)
    if (inside >= it.inside && inside - it.inside < it.size)
      return it.outside + (inside - it.inside);
  return std::nullopt;
}

}  // namespace

Ids::Ids(const Options& options) : options_(options) {}

uint32_t Ids::uid_inside(uint32_t outside) const {
  return options_.squash_uid ? *options_.squash_uid : to_inside(options_.uids, outside);
}

uint32_t Ids::gid_inside(uint32_t outside) const {
  return options_.squash_gid ? *options_.squash_gid : to_inside(options_.gids, outside);
}

std::optional<uint32_t> Ids::uid_outside(uint32_t inside) const {
  return to_outside(options_.uids, inside);
}

std::optional<uint32_t> Ids::gid_outside(uint32_t inside) const {
  return to_outside(options_.gids, inside);
}

bool Ids::identity() const {
  return options_.uids.empty() && options_.gids.empty();
}

}  // namespace wolffia::overlay
