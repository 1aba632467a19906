// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>

namespace wolffia {
namespace detail {
inline void append(std::string& out, std::string_view s) {
  out += s;
}
template <class N>
requires(std::is_integral_v<N> && !std::is_same_v<N, char> &&
         !std::is_same_v<N, bool>) void append(std::string& out, N n) {
  char buf[24];
  out.append(buf, std::to_chars(buf, buf + sizeof buf, n).ptr);
}
}  // namespace detail

/// Concatenates strings and integers. Stands in for std::format, which libstdc++ 12 lacks.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}
}  // namespace wolffia
