// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "oci/runtime_spec.hpp"
#include "plan/host.hpp"

/// Arithmetic of id maps. Nothing here overflows: an IdMap and a SubidRange end at or before the
/// last id.
namespace wolffia::plan {

/// What the kernel takes in one map. Source: user_namespaces(7), Linux 4.15.
inline constexpr size_t kMaxMapLines = 340;

/// Whether `map` knows `id` on its inner side.
bool maps(const std::vector<oci::IdMap>& map, uint32_t id);

/// Whether `count` ids from `start` all exist in a namespace with this map.
bool contains(const std::vector<oci::IdMap>& map, uint32_t start, uint32_t count);

/// The parts of `ranges` that exist in a namespace with the map `current`, in their order.
std::vector<SubidRange> usable_ranges(const std::vector<SubidRange>& ranges,
                                      const std::vector<oci::IdMap>& current);

/// Appends a line per range to `map`, each where the line before ends inside; leaves out what is
/// mapped already (a user may be listed by name and by uid) and what is too much for the kernel.
void append_ranges(std::vector<oci::IdMap>& map, const std::vector<SubidRange>& ranges);

/// `map` with its lines cut wherever the ids outside change from one line of `current` to another:
/// the kernel finds a line's ids in one line of the namespace above, or refuses all with EPERM.
/// What does not exist there stays in one piece, for the kernel to refuse.
/// Source: user_namespaces(7), map_write() in kernel/user_namespace.c.
std::vector<oci::IdMap> cut_along(const std::vector<oci::IdMap>& map,
                                  const std::vector<oci::IdMap>& current);

/// "0-65535, 100000": the inner side of `map`.
std::string describe_inside(const std::vector<oci::IdMap>& map);

}  // namespace wolffia::plan
