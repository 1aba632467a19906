// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wolffia::net {

/// The host's name servers, of which libslirp asks one of each kind: the first in its resolv.conf.
/// Where that does not answer the next one is put first.
class NameServers {
 public:
  using Time = std::chrono::milliseconds;  // of a clock that never goes back

  /// Takes a resolv.conf(5); begins with its first servers. True where they are others than before.
  bool replace(std::string_view resolv_conf);
  /// How many there are to choose from.
  size_t size() const { return servers_.size(); }

  void asked(Time now);
  void answered() { waiting_.reset(); }
  /// When somebody has waited for too long; nullopt: nobody waits, or nobody else could be asked.
  std::optional<Time> deadline() const;
  /// Puts the next one first.
  void move_on();

  /// What libslirp is to find. It looks at size and second of a file to see whether it changed, so
  /// that no two texts in a row are equally long.
  std::string text();

 private:
  std::vector<std::string> servers_;  // addresses as they were written
  std::optional<Time> waiting_;       // since then, for an answer
  bool is_longer_ = false;
};

}  // namespace wolffia::net
