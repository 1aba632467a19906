// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>

#include "base/result.hpp"

/// What every fuzzer asks of what it gets.
namespace wolffia::fuzz {

/// Stops the fuzzer where `holds` is false: a finding.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// One sentence that does nothing to a terminal, whatever the text it speaks of.
inline void require_sentence(const Error& error) {
  const std::string message = error.message();
  require(!message.empty());
  for (const char c : message)
    require(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f);
}

}  // namespace wolffia::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
