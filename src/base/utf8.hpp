// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace wolffia {

/// Length in bytes of the UTF-8 character `text` starts with; 0 where it starts with none: a stray
/// or missing continuation byte, an overlong form, a surrogate, beyond U+10FFFF, or nothing at all.
/// Source: RFC 3629, section 4.
size_t utf8_length(std::string_view text);

}  // namespace wolffia
