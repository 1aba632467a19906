// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/layer/unpack.hpp"

namespace wolffia::image {

/// Locks the calling process in for good: its root is `tree` and nothing else of the file system,
/// it has `stream`, `answer` and no other descriptor, and what is left of system calls and
/// capabilities is what unpacking takes. Where it may not make namespaces as it is, it makes a user
/// namespace of one id first. Afterwards `tree` is a descriptor of the new root.
/// Precondition: the process has one thread.
/// Errors: of the step that failed; then the process must not go on.
Result<void> confine(const sys::Fd& stream, const sys::Fd& answer, sys::Fd& tree, Owners owners);

/// The last step of confine(). Source: seccomp(2).
Result<void> forbid_system_calls();

}  // namespace wolffia::image
