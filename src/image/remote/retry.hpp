// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/remote/message.hpp"

namespace wolffia::image::remote {

/// How patient we are with a server that fails.
struct RetryRules {
  int attempts = 6;          // of one request, or in a row without progress
  int connect_attempts = 3;  // where nobody answered at all: a wrong name is told soon
  std::chrono::milliseconds first_wait{200};
  std::chrono::milliseconds longest_wait{10'000};
  std::chrono::milliseconds longest_asked_wait{60'000};  // by Retry-After
  std::function<void(const std::string&)> notice;        // told why we wait; may be empty
};

/// Decides for one request whether it is worth another try, and waits.
class Retry {
 public:
  explicit Retry(const RetryRules& rules) : rules_(rules) {}

  /// True after the wait; false when this error will not go away, or tries are used up.
  bool again(const Error& error);
  /// The same for an answer: 408, 429 and 5xx but 501 and 505.
  bool again(const Response& response);
  /// What came counts: tries are counted from here again.
  void progressed() { tries_ = 0; }

 private:
  bool wait(std::chrono::milliseconds wait, const std::string& why);
  const RetryRules& rules_;
  int tries_ = 0;
};

/// Whether an error of a transfer is one of the connection, which another try may not meet.
bool is_connection_fault(const Error& error);

/// What a Retry-After field asks for: seconds or a date, relative to `now` (seconds since 1970).
/// nullopt where it is neither. Source: RFC 9110, section 10.2.3.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, int64_t now);

/// The wait before try `tries` + 1: doubled each time, capped, and up to a half less, so that many
/// who failed together do not come back together; `random` is any number.
std::chrono::milliseconds backoff(const RetryRules& rules, int tries, uint64_t random);

}  // namespace wolffia::image::remote
