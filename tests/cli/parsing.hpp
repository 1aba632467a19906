// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/option.hpp"

namespace wolffia::cli {

using Words = std::vector<const char*>;

/// What `words` mean to `program`; a test that fails if they are refused.
inline Arguments parsed(const Program& program, const Words& words) {
  Arguments arguments;
  const auto done = parse(program, words, arguments);
  EXPECT_TRUE(done) << done.error().message();
  return arguments;
}

/// Why `program` refuses `words`; "accepted" if it does not.
inline std::string refused(const Program& program, const Words& words) {
  Arguments arguments;
  const auto done = parse(program, words, arguments);
  return done ? "accepted" : done.error().message();
}

}  // namespace wolffia::cli
