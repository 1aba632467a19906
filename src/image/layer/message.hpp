// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "image/layer/unpack.hpp"

namespace wolffia::image {

/// A confined process says in this many bytes what came of a layer.
inline constexpr size_t kMostMessage = size_t{96} << 20;

/// What unpack() returned, as bytes between two processes of one program.
std::string encode(const Result<Unpacked>& outcome);

/// The same again. Nothing in it is believed: text comes back printable, paths clean.
/// Errors: those encoded; EPROTO for bytes that are no such message.
Result<Unpacked> decode(std::string_view message);

}  // namespace wolffia::image
