// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/create.hpp"
#include "container/store.hpp"

namespace wolffia::container {

enum class Force : bool { No, Yes };

/// Deletes a container: a created one is killed first, a stopped one only removed; then its
/// poststop hooks run, whose failures are only told to `notify`. A running one is an error.
/// With Force::Yes any status is accepted, damaged state is no obstacle, and a missing id is no
/// error: success means that no process, mount, socket or file of it is left.
Result<void> remove(const Store& store, const std::string& id, Force force, const Notify& notify);

}  // namespace wolffia::container
