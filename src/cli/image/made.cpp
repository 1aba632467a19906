// SPDX-License-Identifier: Apache-2.0
#include "cli/image/made.hpp"

#include <stdlib.h>
#include <time.h>

#include "base/quote.hpp"
#include "base/utc.hpp"
#include "base/words.hpp"
#include "cli/image/incoming.hpp"
#include "cli/image_options.hpp"

namespace wolffia::cli::image {
namespace {

/// Source: reproducible-builds.org, "SOURCE_DATE_EPOCH".
Result<std::string> creation_time() {
  constexpr uint32_t kLast = UINT32_MAX;  // in the year 2106
  uint64_t seconds = static_cast<uint64_t>(::time(nullptr));
  const char* wanted = ::getenv("SOURCE_DATE_EPOCH");
  if (wanted && (!read_number(std::string_view(wanted), seconds) || seconds > kLast))
    return Error::because(EINVAL, cat("SOURCE_DATE_EPOCH is ", quoted(wanted),
                                      ": it must be a number of seconds since 1970"));
  return utc_seconds(static_cast<time_t>(seconds)) + "Z";
}

}  // namespace

Result<wolffia::image::MakeOrder> wanted_image(const Arguments& arguments, std::string_view name,
                                               std::string created_by) {
  wolffia::image::MakeOrder order;
  if (!name.empty()) order.name = TRY(local_name(name));
  order.step.created = TRY(creation_time());
  order.step.created_by = std::move(created_by);
  order.step.comment = arguments.value(kMessage);
  order.step.changes = arguments.list(kChange);
  return order;
}

}  // namespace wolffia::cli::image
