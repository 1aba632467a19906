// SPDX-License-Identifier: Apache-2.0
// What a registry says in its header fields, and the URLs it names. Whatever they are, an origin is
// one that credentials can be kept to, and what a URL becomes is read the same way again.
#include <string_view>

#include "fuzz/require.hpp"
#include "image/remote/challenge.hpp"
#include "image/remote/credentials.hpp"
#include "image/remote/download.hpp"
#include "image/remote/pages.hpp"
#include "image/remote/retry.hpp"
#include "image/remote/upload.hpp"

namespace {

using namespace wolffia;
using namespace wolffia::image::remote;
using fuzz::require;

void check_challenges(std::string_view text) {
  const auto challenges = parse_challenges(text);
  require(challenges.size() <= 16);
  for (const Challenge& challenge : challenges) {
    require(!challenge.scheme.empty() && challenge.parameters.size() <= 16);
    for (const auto& [name, value] : challenge.parameters)
      require(!name.empty());  // of equal names the first counts
  }
}

void check_same(const Url& url) {
  require(url.origin().starts_with("https://") || url.origin().starts_with("http://"));
  require(url.text().find_first_of(" \r\n\t") == std::string::npos);
  const auto again = Url::parse(url.text());
  require(bool{again} && again->origin() == url.origin() && again->text() == url.text());
}

void check_url(std::string_view text) {
  if (const auto url = Url::parse(text)) check_same(*url);
  const Url base = Url::parse("https://example.com/v2/a/blobs/uploads/?x=1").value();
  const auto resolved = base.resolve(text);
  if (resolved)
    check_same(*resolved);
  else
    fuzz::require_sentence(resolved.error());
  check_same(base.with_query("q", text));
}

void check_redirect(std::string_view location) {
  Request request{Url::parse("https://example.com/v2/").value()};
  request.authorization = "Bearer secret";
  Response answer{307, {}, {}, request.url};
  answer.headers.add("location", location);
  const auto next = redirected(request, answer);
  if (!next || !*next) return;
  require(!(*next)->url.is_plain());
  require((*next)->authorization.empty() || (*next)->url.origin() == request.url.origin());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_challenges(text);
  check_url(text);
  check_redirect(text);
  if (const auto next = next_link(text)) require(next->size() <= text.size());
  (void)range_start(text);
  (void)received(text);
  const auto wait = parse_retry_after(text, 1'700'000'000);
  require(!wait || wait->count() >= 0);
  if (const auto file = parse_auth_file(std::string(text), "auth.json")) {
    (void)file->find("example.com/a/b");
    (void)file->helper("example.com");
  } else {
    fuzz::require_sentence(file.error());
  }
  return 0;
}
