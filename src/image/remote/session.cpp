// SPDX-License-Identifier: Apache-2.0
#include "image/remote/session.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/quote.hpp"
#include "json/field.hpp"

namespace wolffia::image::remote {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds kMinimumLife{60};  // distribution-spec's token.md: what a token lives by default
constexpr seconds kMargin{10};       // a token this near its end is not used any more

/// docker.io is a name; the registry of that name is elsewhere.
std::string server_of(const std::string& host) {
  return host == "docker.io" ? "registry-1.docker.io" : host;
}

/// What may stand in a header field: a token with anything else would write fields of its own.
bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string form_field(std::string_view name, std::string_view value) {
  return cat(name, "=", percent_encoded(value));
}

std::string basic_authorization(const Credentials& credentials) {
  return cat("Basic ", base64_encode(cat(credentials.user, ":", credentials.password)));
}

/// The words of both lists, each once: what the registry asks for, and what we are going to do.
std::vector<std::string_view> words_of(std::string_view asked, std::string_view own) {
  std::vector<std::string_view> words;
  for (std::string_view list : {asked, own}) {
    while (!list.empty()) {
      const size_t end = std::min(list.find(' '), list.size());
      const std::string_view word = list.substr(0, end);
      list.remove_prefix(std::min(end + 1, list.size()));
      if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(word);
    }
  }
  return words;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string all;
  for (const std::string_view word : words)
    all += cat(all.empty() ? "" : " ", word);
  return all;
}

}  // namespace

Session::Session(Transport& transport, Endpoint endpoint)
    : transport_(transport), endpoint_(std::move(endpoint)) {}

Result<Url> Session::base() {
  const std::lock_guard lock(base_mutex_);
  if (base_) return *base_;
  const std::string server = server_of(endpoint_.host);
  Url url = TRY(Url::parse(cat("https://", server, "/")));
  if (endpoint_.insecure == Insecure::Yes) {
    Request probe{url.resolve("/v2/").value()};
    probe.insecure = Insecure::Yes;
    const auto answer = transport_.once(probe, kAnswerLimit, {});
    const bool speaks_tls =
        answer || !(answer.error().is(EPROTO) || answer.error().is(ECONNREFUSED) ||
                    answer.error().is(ECONNRESET));
    if (!speaks_tls) url = TRY(Url::parse(cat("http://", server, "/")));
  }
  base_ = url;
  return url;
}

Result<Request> Session::request(std::string_view path) {
  const Url root = TRY(base());
  Request made{TRY(root.resolve(cat("/v2/", path)))};
  made.insecure = endpoint_.insecure;
  return made;
}

std::string Session::cached(const std::string& scope) {
  const std::lock_guard lock(token_mutex_);
  const auto known = tokens_.find(scope);
  if (known == tokens_.end() || known->second.until <= Clock::now()) return {};
  return known->second.authorization;
}

Result<Response> Session::authorized(Request& request, const std::string& scope, const Send& send) {
  const Url own = TRY(base());
  if (request.url.origin() != own.origin()) return send(request);  // an upload may be elsewhere
  request.authorization = cached(scope);
  Response answer = TRY(send(request));
  // Another origin that a redirect led to must not learn who we are.
  if (answer.status != 401 || answer.url.origin() != own.origin()) return answer;
  TRY(renew(answer, scope, request.authorization), endpoint_.host);
  request.authorization = cached(scope);
  answer = TRY(send(request));
  if (answer.status != 401) return answer;
  return Error::because(EACCES,
                        cat(endpoint_.host, " does not let ",
                            endpoint_.credentials ? "this user" : "anonymous users", " do that"));
}

Result<Response> Session::fetch(Request request, const std::string& scope, size_t limit) {
  return authorized(request, scope,
                    [&](const Request& ready) { return transport_.fetch(ready, limit); });
}

Result<Response> Session::once(Request request, const std::string& scope, size_t limit,
                               const Receive& receive) {
  return authorized(request, scope,
                    [&](const Request& ready) { return transport_.once(ready, limit, receive); });
}

Result<void> Session::renew(const Response& refused, const std::string& scope,
                            const std::string& used) {
  const std::lock_guard lock(token_mutex_);
  const auto known = tokens_.find(scope);
  if (known != tokens_.end() && known->second.authorization != used) return {};  // another did
  tokens_.insert_or_assign(scope, TRY(authorize(refused, scope)));
  return {};
}

Result<Session::Token> Session::authorize(const Response& refused, const std::string& scope) {
  std::string offered;
  bool takes_basic = false;
  for (const std::string_view field : refused.headers.all("www-authenticate")) {
    for (const Challenge& challenge : parse_challenges(field)) {
      if (challenge.scheme == "bearer") return bearer(challenge, scope);
      takes_basic = takes_basic || challenge.scheme == "basic";
      offered += cat(offered.empty() ? "" : ", ", challenge.scheme);
    }
  }
  if (takes_basic) return basic();
  return Error::because(EACCES, offered.empty() ? "asks who we are but not how to say it"
                                                : cat("knows only authentication by ", offered));
}

Result<Session::Token> Session::basic() {
  const auto& known = endpoint_.credentials;
  if (!known || known->user.empty())
    return Error::because(EACCES,
                          cat("needs a user name and a password: wolffia login ", endpoint_.host));
  return Token{basic_authorization(*known), Clock::time_point::max()};
}

Result<Request> Session::token_request(const Challenge& challenge, const std::string& scope) {
  const Url realm = TRY(Url::parse(challenge.find("realm")), "names no token server");
  const Url own = *base_;  // base() was called before anything was sent
  Request request{realm};
  if (realm.machine() == own.machine()) request.insecure = endpoint_.insecure;
  const std::string_view service = challenge.find("service");
  const std::vector<std::string_view> scopes = words_of(challenge.find("scope"), scope);
  const auto& known = endpoint_.credentials;
  if (known && !known->identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
    request.body = cat("grant_type=refresh_token&client_id=wolffia&",
                       form_field("service", service), "&", form_field("scope", joined(scopes)),
                       "&", form_field("refresh_token", known->identity_token));
    return request;
  }
  if (!service.empty()) request.url = request.url.with_query("service", service);
  for (const std::string_view wanted : scopes)
    request.url = request.url.with_query("scope", wanted);
  if (known) request.authorization = basic_authorization(*known);
  return request;
}

Result<Session::Token> Session::bearer(const Challenge& challenge, const std::string& scope) {
  const Request request = TRY(token_request(challenge, scope));
  Response answer = TRY(transport_.fetch(request, kAnswerLimit), "asking for a token");
  if (answer.status == 401 || answer.status == 403 || answer.status == 400)
    return Error::because(
        EACCES, endpoint_.credentials
                    ? cat(request.url.host(), " refuses the user name or password")
                    : cat("gives nothing to anonymous users: wolffia login ", endpoint_.host));
  if (!answer.ok())
    return Error::because(
        EIO, cat(request.url.host(), " answered ", answer.status, " when asked for a token"));
  const json::Document document =
      TRY(json::Document::parse(std::move(answer.body), "the answer of the token server"));
  const json::Object root = TRY(document.root().as<json::Object>());
  std::string text;
  TRY(root.read("access_token", text));
  if (text.empty()) TRY(root.read("token", text));
  if (!is_visible(text)) return Error::because(EPROTO, "the token server gave no token");
  int64_t lives = 0;
  TRY(root.read("expires_in", lives));
  const seconds life = std::clamp(seconds(lives), kMinimumLife, seconds(std::chrono::hours(24)));
  return Token{cat("Bearer ", text), Clock::now() + life - kMargin};
}

}  // namespace wolffia::image::remote
