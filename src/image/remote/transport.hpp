// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/remote/connection.hpp"
#include "image/remote/message.hpp"
#include "image/remote/retry.hpp"

namespace wolffia::image::remote {

/// Requests over HTTPS with redirects and retries. Credentials stay with the origin they are for
/// (I12). All functions may be called by several threads at once.
class Transport {
 public:
  explicit Transport(std::vector<std::string> certificates = certificate_directories(),
                     Patience patience = {}, RetryRules rules = {})
      : rules_(std::move(rules)), connections_(std::move(certificates), patience) {}

  const RetryRules& rules() const { return rules_; }

  /// The answer, whatever its status, with at most `limit` bytes of body; faults of the connection
  /// and passing failures of the server are tried again. Errors: as Connections::exchange();
  /// ELOOP after too many redirects; EPERM for a redirect from https to http.
  Result<Response> fetch(const Request& request, size_t limit);

  /// One try of the same, its body as it comes to `receive`, if that is not empty.
  Result<Response> once(const Request& request, size_t limit, const Receive& receive);

 private:
  const RetryRules rules_;
  Connections connections_;
};

/// The request to make after `answer` redirected `request`; nullopt where it is no redirect we
/// follow. Another origin gets no credentials, and is never trusted without verification.
/// Errors: as for Transport::fetch().
Result<std::optional<Request>> redirected(const Request& request, const Response& answer);

}  // namespace wolffia::image::remote
