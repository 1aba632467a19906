// SPDX-License-Identifier: Apache-2.0
#include "image/remote/transport.hpp"

#include "base/quote.hpp"

namespace wolffia::image::remote {
namespace {

constexpr int kMostRedirects = 10;

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<std::optional<Request>> redirected(const Request& request, const Response& answer) {
  const std::string_view location = answer.headers.find("location");
  if (!is_redirect(answer.status) || location.empty()) return std::optional<Request>();
  Request next = request;
  next.url = TRY(request.url.resolve(location), request.url.host(), " redirects");
  if (next.url.is_plain() && !request.url.is_plain())
    return Error::because(
        EPERM, cat(request.url.host(), " redirects from https to ", quoted(next.url.origin())));
  if (next.url.origin() == request.url.origin()) return std::optional(std::move(next));
  if (request.method != "GET" && request.method != "HEAD") return std::optional<Request>();
  next.authorization.clear();
  // http that was declared may lead on to http; TLS is verified wherever nothing was declared.
  if (!next.url.is_plain()) next.insecure = Insecure::No;
  return std::optional(std::move(next));
}

Result<Response> Transport::once(const Request& request, size_t limit, const Receive& receive) {
  Request current = request;
  for (int i = 0; i <= kMostRedirects; ++i) {
    Response answer = TRY(connections_.exchange(current, limit, receive));
    std::optional<Request> next = TRY(redirected(current, answer));
    if (!next) return answer;
    current = *std::move(next);
  }
  return Error::because(ELOOP, cat(request.url.host(), " redirects without end"));
}

Result<Response> Transport::fetch(const Request& request, size_t limit) {
  Retry retry(rules_);
  while (true) {
    auto answer = once(request, limit, {});
    const bool again = answer ? retry.again(*answer) : retry.again(answer.error());
    if (!again) return answer;
  }
}

}  // namespace wolffia::image::remote
