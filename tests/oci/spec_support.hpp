// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "oci/parse_runtime.hpp"

namespace wolffia::oci {

/// A file of tests/data/spec.
inline std::string read_data(std::string_view name) {
  std::ifstream file(cat(WOLFFIA_TEST_DATA "/spec/", name), std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The spec that `text` is, or a failed test.
inline Spec parsed(std::string text) {
  auto spec = parse_spec(std::move(text));
  EXPECT_TRUE(spec) << spec.error().message();
  return spec ? std::move(spec).value() : Spec{};
}

/// The smallest spec with `members` added to the root object.
inline Spec spec_with(std::string_view members) {
  return parsed(cat(R"({"ociVersion": "1.0.2", "root": {"path": "rootfs"}, )", members, "}"));
}

/// The smallest spec with this "linux" section.
inline Linux linux_with(std::string_view members) {
  return spec_with(cat(R"("linux": {)", members, "}")).linux;
}

/// The smallest spec with `members` added to its process.
inline Process process_with(std::string_view members) {
  return spec_with(cat(R"("process": {"args": ["sh"], "cwd": "/", )", members, "}"))
      .process.value_or(Process{});
}

}  // namespace wolffia::oci
