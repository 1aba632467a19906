// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "image/remote/challenge.hpp"
#include "image/remote/credentials.hpp"
#include "image/remote/transport.hpp"

namespace wolffia::image::remote {

/// Where a registry is, and who we are there.
struct Endpoint {
  std::string host;  // as in a reference: "docker.io", "example.com:5000"
  Insecure insecure = Insecure::No;
  std::optional<Credentials> credentials;
};

/// Requests to one registry, with the authentication it asks for. Credentials and tokens go to its
/// own origin and to the token server it names, nowhere else. All functions may be called by
/// several threads at once.
class Session {
 public:
  Session(Transport& transport, Endpoint endpoint);

  const std::string& host() const { return endpoint_.host; }
  Transport& transport() { return transport_; }

  /// A request for "/v2/PATH". An insecure registry is asked once whether it has TLS.
  Result<Request> request(std::string_view path);

  /// Transport::fetch() and once(), authorized for `scope`: "repository:library/debian:pull".
  /// Errors: EACCES where the registry wants to know who we are, or refuses who we are.
  Result<Response> fetch(Request request, const std::string& scope, size_t limit);
  Result<Response> once(Request request, const std::string& scope, size_t limit,
                        const Receive& receive);

 private:
  using Send = std::function<Result<Response>(const Request&)>;
  struct Token {
    std::string authorization;
    std::chrono::steady_clock::time_point until;
  };
  Result<Url> base();
  Result<Response> authorized(Request& request, const std::string& scope, const Send& send);
  std::string cached(const std::string& scope);
  Result<void> renew(const Response& refused, const std::string& scope, const std::string& used);
  Result<Token> authorize(const Response& refused, const std::string& scope);
  Result<Token> basic();
  Result<Token> bearer(const Challenge& challenge, const std::string& scope);
  Result<Request> token_request(const Challenge& challenge, const std::string& scope);

  Transport& transport_;
  const Endpoint endpoint_;
  std::mutex base_mutex_;
  std::optional<Url> base_;  // guarded by base_mutex_
  std::mutex token_mutex_;   // held while a token is fetched: the others wait for that one
  std::map<std::string, Token> tokens_;  // by scope; guarded by token_mutex_
};

}  // namespace wolffia::image::remote
