// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// The directories that a mount is given by path.
namespace wolffia::overlay {

/// `error` of opening `path`, as a sentence about it.
Error about_path(Error error, const std::string& path);

/// Errors: EINVAL where one of the two is the other or lies in it: what is in the working directory
/// is removed when the mount begins.
Result<void> check_apart(const sys::Fd& upper, const sys::Fd& work);

}  // namespace wolffia::overlay
