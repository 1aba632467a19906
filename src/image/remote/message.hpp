// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "image/remote/url.hpp"

/// What goes to a server and what comes back.
namespace wolffia::image::remote {

/// Error texts and tokens are read up to this many bytes.
inline constexpr size_t kAnswerLimit = 1U << 20;

/// Header fields as they came; names in lower case.
class Headers {
 public:
  void add(std::string_view name, std::string_view value);
  /// The first field of that name (in lower case); empty where there is none.
  std::string_view find(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  void clear() { fields_.clear(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Bytes to send, read from any offset: a try that failed is simply done again.
struct Upload {
  uint64_t size = 0;
  /// Fills some of `into`, at least one byte, with what stands at `offset`, which is below `size`.
  std::function<Result<size_t>(uint64_t offset, std::span<std::byte> into)> read;
};

/// Whether the server was declared insecure: then TLS is not verified, and plain http is allowed.
enum class Insecure : bool { No, Yes };

struct Request {
  Url url;
  std::string method = "GET";
  Insecure insecure = Insecure::No;
  std::vector<std::string> headers = {};  // "Name: value", for whoever the request is redirected to
  std::string authorization = {};         // its value, for the origin of `url` and nobody else
  std::string body = {};
  const Upload* upload = nullptr;  // instead of `body`; must live as long as the request
};

struct Response {
  long status = 0;
  Headers headers;
  std::string body;
  Url url;  // which answered, after redirects

  bool ok() const { return status >= 200 && status < 300; }
};

/// Takes the next bytes of the body of a 2xx answer, whose status and headers are known by then.
/// An error ends the transfer, and is what it returns.
using Receive = std::function<Result<void>(const Response&, std::span<const std::byte>)>;

}  // namespace wolffia::image::remote
