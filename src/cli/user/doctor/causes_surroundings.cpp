// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/quote.hpp"
#include "cli/user/doctor/causes.hpp"

namespace wolffia::cli::user::doctor {
namespace {

/// Certificates of registries live for months and are used from the first hour on; what a clock may
/// be wrong by without anybody's noticing is minutes.
constexpr int64_t kTolerance = 600;

std::string duration_words(int64_t seconds) {
  constexpr int64_t kHour = 3600, kDay = 86'400;
  if (seconds >= 2 * kDay) return cat(seconds / kDay, " days");
  if (seconds >= 2 * kHour) return cat(seconds / kHour, " hours");
  return cat(seconds / 60, " minutes");
}

}  // namespace

std::string fix_for_device(const Facts& facts, std::string_view path) {
  switch (facts.confinement.outer) {
    case Confinement::Outer::Docker:
      return cat("docker run --device ", path, " ...");
    case Confinement::Outer::Podman:
      return cat("podman run --device ", path, " ...");
    default:
      return {};
  }
}

Look program_missing(const Facts& facts) {
  if (facts.environment.runtime_missing.empty()) return std::nullopt;
  return Told{.severity = Severity::Blocked, .cause = facts.environment.runtime_missing};
}

Look image_program_missing(const Facts& facts) {
  if (facts.environment.image_program_missing.empty()) return std::nullopt;
  return Told{.cause = facts.environment.image_program_missing};
}

Look device_missing(const Facts& facts) {
  const std::string& path = facts.environment.missing_device;
  if (path.empty()) return std::nullopt;
  return Told{.severity = Severity::Blocked,
              .cause = cat(path, " is missing: every container gets the host's")};
}

Look no_tun(const Facts& facts) {
  if (facts.environment.has_tun) return std::nullopt;
  return Told{.severity = Severity::Works, .fix = fix_for_device(facts, "/dev/net/tun")};
}

Look clock_behind(const Facts& facts) {
  const Transfers& transfers = facts.transfers;
  const int64_t behind = transfers.newest - transfers.now;
  if (behind <= kTolerance) return std::nullopt;
  return Told{.cause = cat("the clock is at least ", duration_words(behind), " behind: ",
                           quoted_if_needed(transfers.newest_name), " is of the future")};
}

Look clock_differs(const Facts& facts) {
  const int64_t ahead = facts.store.server_ahead;
  if (ahead <= kTolerance && ahead >= -kTolerance) return std::nullopt;
  return Told{.cause = cat("the clock is ", duration_words(ahead > 0 ? ahead : -ahead),
                           ahead > 0 ? " behind" : " ahead of", " that of the server of ",
                           quoted_if_needed(facts.store.existing))};
}

Look no_certificates(const Facts& facts) {
  if (facts.transfers.has_certificates) return std::nullopt;
  const std::string& file = facts.transfers.certificates;
  if (file.empty()) return Told{};
  return Told{.cause = cat("SSL_CERT_FILE names ", quoted_if_needed(file),
                           ", which cannot be read: no registry can be verified"),
              .fix = "unset SSL_CERT_FILE"};
}

Look proxy_invalid(const Facts& facts) {
  const Transfers& transfers = facts.transfers;
  if (transfers.proxy_variable.empty() || transfers.proxy_valid) return std::nullopt;
  return Told{.cause = cat(transfers.proxy_variable, " holds ", quoted(transfers.proxy),
                           ", which is no address of a proxy"),
              .fix = cat("export ", transfers.proxy_variable, "=http://HOST:PORT")};
}

Look proxy_silent(const Facts& facts) {
  const Transfers& transfers = facts.transfers;
  if (transfers.proxy_code == 0) return std::nullopt;
  return Told{.cause = cat("the proxy ", quoted_if_needed(transfers.proxy), " of ",
                           transfers.proxy_variable,
                           " does not answer: ", strerrordesc_np(transfers.proxy_code)),
              .fix = cat("unset ", transfers.proxy_variable, ", or name one that answers")};
}

Look proxy_for_http_only(const Facts& facts) {
  if (!facts.transfers.only_http_proxy) return std::nullopt;
  return Told{.severity = Severity::Works};
}

}  // namespace wolffia::cli::user::doctor
