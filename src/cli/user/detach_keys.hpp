// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia::cli::user {

/// The keys that leave a container to itself, found in what is typed.
class DetachKeys {
 public:
  /// "ctrl-p,ctrl-q": a letter, a digit, or ctrl- with a letter or one of @ [ \ ] ^ _ , with commas
  /// between; empty: none.
  static Result<DetachKeys> parse(std::string_view text);

  struct Found {
    std::string pass;  // what is to be passed on
    bool detached = false;
  };
  /// The keys are kept back until it is clear whether all of them come.
  Found feed(std::string_view typed);

 private:
  std::string keys_;
  size_t matched_ = 0;  // of them came so far
};

}  // namespace wolffia::cli::user
