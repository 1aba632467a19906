// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "oci/parse_runtime.hpp"

namespace wolffia::bench {

/// The text of one of tests/data/spec/valid: config.json files as callers write them.
inline std::string bundle_text(const std::string& name) {
  std::ifstream file(WOLFFIA_BENCH_DATA "/" + name);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file || text.empty()) {
    std::fprintf(stderr, "cannot read %s\n", name.c_str());
    std::abort();
  }
  return text;
}

/// A benchmark of a failure would measure nothing.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::abort();
  }
  return std::move(result).value();
}

inline oci::Spec bundle_spec(const std::string& name) {
  return must(oci::parse_spec(bundle_text(name)));
}

}  // namespace wolffia::bench
