// SPDX-License-Identifier: Apache-2.0
#include "image/remote/retry.hpp"

#include <curl/curl.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <thread>

namespace wolffia::image::remote {
namespace {

using std::chrono::milliseconds;

bool is_passing(long status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

/// Nothing was ever heard of the server.
bool nobody_answered(const Error& error) {
  return error.is(ECONNREFUSED) || error.is(EHOSTUNREACH);
}

std::string in_seconds(milliseconds wait) {
  const int64_t tenths = (wait.count() + 50) / 100;
  return cat(tenths / 10, ".", tenths % 10, " s");
}

}  // namespace

bool is_connection_fault(const Error& error) {
  return nobody_answered(error) || error.is(ECONNRESET) || error.is(ETIMEDOUT);
}

std::optional<milliseconds> parse_retry_after(std::string_view value, int64_t now) {
  constexpr int64_t kMost = int64_t{365} * 24 * 3600;
  int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (fault != std::errc() || end != value.data() + value.size() || value.starts_with('-')) {
    const time_t date = curl_getdate(std::string(value).c_str(), nullptr);
    if (value.empty() || date < 0) return {};
    seconds = int64_t{date} - now;
  }
  return milliseconds(1000 * std::clamp<int64_t>(seconds, 0, kMost));
}

milliseconds backoff(const RetryRules& rules, int tries, uint64_t random) {
  const int doublings = std::clamp(tries - 1, 0, 20);
  const int64_t full = std::min(rules.first_wait.count() << doublings, rules.longest_wait.count());
  const auto less = static_cast<int64_t>(random % static_cast<uint64_t>(full / 2 + 1));
  return milliseconds(full - less);
}

bool Retry::wait(milliseconds wait, const std::string& why) {
  if (rules_.notice) rules_.notice(cat(why, "; trying again in ", in_seconds(wait)));
  std::this_thread::sleep_for(wait);
  return true;
}

bool Retry::again(const Error& error) {
  if (!is_connection_fault(error)) return false;
  ++tries_;
  if (tries_ >= (nobody_answered(error) ? rules_.connect_attempts : rules_.attempts)) return false;
  return wait(backoff(rules_, tries_, std::random_device()()), error.message());
}

bool Retry::again(const Response& response) {
  if (!is_passing(response.status)) return false;
  if (++tries_ >= rules_.attempts) return false;
  milliseconds pause = backoff(rules_, tries_, std::random_device()());
  const auto asked = parse_retry_after(response.headers.find("retry-after"), ::time(nullptr));
  if (asked && *asked > rules_.longest_asked_wait) return false;
  if (asked) pause = std::max(pause, *asked);
  return wait(pause, cat(response.url.host(), " answered ", response.status));
}

}  // namespace wolffia::image::remote
