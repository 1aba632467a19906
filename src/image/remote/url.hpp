// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia::image::remote {

/// An absolute http or https URL without user and password, as libcurl will read it: what we
/// decide by is what is connected to.
class Url {
 public:
  /// Errors: EINVAL for anything else.
  static Result<Url> parse(std::string_view text);

  /// What `location`, absolute or relative, means in an answer of this URL.
  Result<Url> resolve(std::string_view location) const;

  /// The same with one more query parameter; `value` is encoded.
  Url with_query(std::string_view name, std::string_view value) const;

  const std::string& text() const { return text_; }
  /// Scheme, host and port: whom credentials are given to (I12). "https://example.com:443"
  const std::string& origin() const { return origin_; }
  /// As certs.d names it: "example.com", "example.com:5000".
  const std::string& host() const { return host_; }
  /// Without the port: "example.com", "::1".
  const std::string& machine() const { return machine_; }
  bool is_plain() const { return origin_.starts_with("http:"); }

 private:
  Url() = default;
  std::string text_, origin_, host_, machine_;
};

/// `text` with everything but letters, digits and "-._~" as "%XX". Source: RFC 3986, section 2.3.
std::string percent_encoded(std::string_view text);

}  // namespace wolffia::image::remote
