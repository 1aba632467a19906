// SPDX-License-Identifier: Apache-2.0
#include "image/remote/pages.hpp"

#include "base/quote.hpp"

namespace wolffia::image::remote {
namespace {

constexpr int kMostPages = 10'000;
constexpr size_t kPageLimit = 4U << 20;

}  // namespace

std::optional<std::string> next_link(std::string_view field) {
  while (true) {
    const size_t begin = field.find('<');
    const size_t end = field.find('>', begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return {};
    const std::string_view target = field.substr(begin + 1, end - begin - 1);
    field.remove_prefix(end + 1);
    const std::string_view parameters = field.substr(0, field.find('<'));
    for (const std::string_view next : {"rel=\"next\"", "rel=next"})
      if (parameters.find(next) != std::string_view::npos) return std::string(target);
  }
}

Result<Response> for_each_page(Session& session, Request first, const std::string& scope,
                               const std::function<Result<void>(Response&)>& take) {
  Request request = std::move(first);
  for (int i = 0; i < kMostPages; ++i) {
    Response page = TRY(session.fetch(request, scope, kPageLimit));
    if (!page.ok()) return page;
    TRY(take(page));
    const std::optional<std::string> next = next_link(page.headers.find("link"));
    if (!next) return page;
    const Url url = TRY(request.url.resolve(*next));
    if (url.origin() != request.url.origin())
      return Error::because(EPROTO,
                            cat(session.host(), " continues a list at ", quoted(url.origin())));
    request.url = url;
  }
  return Error::because(E2BIG, cat(session.host(), " has a list without end"));
}

}  // namespace wolffia::image::remote
