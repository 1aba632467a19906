// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wolffia::overlay {

/// What an id is called on the other side; nothing where it has no name there.
using IdNames = std::function<std::optional<uint32_t>(uint32_t)>;

/// An access control list as an attribute holds it, with the ids of users and groups that it names
/// translated. Nothing where `value` is no such list, or an id has no name.
/// Source: struct posix_acl_xattr_entry in linux/posix_acl_xattr.h, all in little endian.
std::optional<std::string> translate_acl(std::string_view value, const IdNames& users,
                                         const IdNames& groups);

}  // namespace wolffia::overlay
