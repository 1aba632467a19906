// SPDX-License-Identifier: Apache-2.0
#include "net/name_servers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/words.hpp"

namespace wolffia::net {
namespace {

/// Sooner than the guest asks again, which is after 5 seconds: resolv.conf(5), "timeout". libslirp
/// looks at the file once a second.
constexpr NameServers::Time kPatience{2'000};

constexpr size_t kMost = 16;

std::vector<std::string> servers_in(std::string_view resolv_conf) {
  std::vector<std::string> out;
  for (Words lines(resolv_conf, '\n'); !lines.empty() && out.size() < kMost;) {
    std::string line(lines.next());
    std::ranges::replace_if(
        line, [](char c) { return c == '\t' || c == '\r'; }, ' ');
    Words words(line);
    if (words.next() != "nameserver") continue;
    std::string_view address;
    while (!words.empty() && address.empty())
      address = words.next();
    if (!address.empty()) out.emplace_back(address);
  }
  return out;
}

}  // namespace

bool NameServers::replace(std::string_view resolv_conf) {
  std::vector<std::string> servers = servers_in(resolv_conf);
  std::vector<std::string> before = servers_;
  std::vector<std::string> after = servers;
  std::ranges::sort(before);
  std::ranges::sort(after);
  if (before == after) return false;  // the one that answers stays
  servers_ = std::move(servers);
  waiting_.reset();
  return true;
}

void NameServers::asked(Time now) {
  if (!waiting_) waiting_ = now;
}

std::optional<NameServers::Time> NameServers::deadline() const {
  if (!waiting_ || servers_.size() < 2) return std::nullopt;
  return *waiting_ + kPatience;
}

void NameServers::move_on() {
  waiting_.reset();
  if (!servers_.empty()) std::rotate(servers_.begin(), servers_.begin() + 1, servers_.end());
}

std::string NameServers::text() {
  std::string out;
  for (const std::string& server : servers_)
    out += cat("nameserver ", server, "\n");
  is_longer_ = !is_longer_;
  if (is_longer_) out += "\n";
  return out;
}

}  // namespace wolffia::net
