// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <time.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace wolffia {

/// `now`, seconds since 1970, as RFC 3339 writes it in UTC, without the "Z": "2026-08-01T12:00:00".
/// gmtime_r(3) would do, but reads the local time zone's file first.
inline std::string utc_seconds(time_t now) {
  using std::chrono::days, std::chrono::sys_seconds, std::chrono::seconds;
  const sys_seconds point{seconds(now)};
  const auto day = std::chrono::floor<days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace wolffia
