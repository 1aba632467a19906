// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/published.hpp"
#include "cli/user/recorded.hpp"
#include "cli/user/session.hpp"

namespace wolffia::cli::user {
namespace {

/// Whether "80", "80/tcp" or "53/udp" is that port inside.
bool is_asked_for(std::string_view word, const helper::PublishedPort& port) {
  const std::string number = cat(port.inside);
  return word == cat(number, port.is_udp ? "/udp" : "/tcp") || (word == number && !port.is_udp);
}

}  // namespace

/// What runs has all that it was made with: else it would not have been started.
Result<int> run_port(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.running(arguments));
  std::vector<helper::PublishedPort> ports = TRY(request_of(known.record)).ports;
  const auto words = arguments.positionals();
  if (words.size() > 1) {
    std::erase_if(ports, [&](const auto& port) { return !is_asked_for(words[1], port); });
    if (ports.empty())
      return Error::because(ENOENT, cat("container ", known.record.id, " does not publish port ",
                                        quoted_if_needed(words[1]), ": wolffia port ",
                                        known.record.id, " lists those that it does"));
  }
  std::string out;
  for (const helper::PublishedPort& port : ports)
    out += cat(text_of(port), "\n");
  TRY(print(out));
  return 0;
}

}  // namespace wolffia::cli::user
