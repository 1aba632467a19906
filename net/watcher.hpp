// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// The way to the process that stays outside: it sees the host's files and no frame.
class Outside {
 public:
  /// Goes on as a child, which has a process namespace of its own where that is granted. The
  /// caller's process stays behind, tells the child when /etc/resolv.conf is another than
  /// `resolv_conf`, and ends as the child does; neither outlives the other.
  /// It waits for `helper` too, which ends when the child does; empty: there is none.
  /// Precondition: one thread. What is open stays so in the child alone.
  static Result<Outside> leave(std::string_view resolv_conf, const sys::PidFd& helper);

  /// Whether a process namespace was granted.
  bool is_apart() const { return is_apart_; }
  /// Readable when there is news, and when nobody is outside any more.
  const sys::Fd& fd() const { return news_; }
  /// The new resolv.conf. Errors: EPIPE when nobody is outside any more.
  Result<std::string> news() const;

 private:
  Outside(sys::Fd news, bool is_apart) : news_(std::move(news)), is_apart_(is_apart) {}
  sys::Fd news_;
  bool is_apart_;
};

}  // namespace wolffia::net
