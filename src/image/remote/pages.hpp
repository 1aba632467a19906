// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "image/remote/session.hpp"

namespace wolffia::image::remote {

/// The target of rel="next" in a Link field; nullopt: this page is the last. Source: RFC 8288.
std::optional<std::string> next_link(std::string_view field);

/// Asks for `first` and every page that follows, and gives each to `take`. The answer that is no
/// success is returned and ends it; so is the last one. Errors: E2BIG after 10,000 pages; EPROTO
/// where a page leads to another server.
Result<Response> for_each_page(Session& session, Request first, const std::string& scope,
                               const std::function<Result<void>(Response&)>& take);

}  // namespace wolffia::image::remote
