// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/create.hpp"
#include "container/store.hpp"
#include "oci/runtime_spec.hpp"

/// What is done with the cgroup of a container while it runs.
namespace wolffia::container {

/// Stops every process of the container, and lets them go on. Errors: ENOENT unknown id; EINVAL by
/// its status; ENOTSUP where it has no cgroup of its own; EBUSY when a process does not stop.
Result<void> pause(const Store& store, const std::string& id);
Result<void> resume(const Store& store, const std::string& id);

/// Changes the limits that `resources` names. With memory.checkBeforeUpdate a limit below what is
/// in use is refused. Errors: as pause(), and a sentence that names the field.
Result<void> update(const Store& store, const std::string& id, const oci::Resources& resources,
                    const Notify& notify);

}  // namespace wolffia::container
