// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "oci/parse_image.hpp"

/// The smallest texts of images, and what becomes of them.
namespace wolffia::oci {

/// A digest of `digit` alone.
inline std::string digest_text(char digit) {
  return cat("sha256:", std::string(64, digit));
}

/// A descriptor with `more` members (", \"a\": 1").
inline std::string descriptor(std::string_view media_type, char digit = 'a',
                              std::string_view more = {}) {
  return cat(R"({"mediaType": ")", media_type, R"(", "digest": ")", digest_text(digit),
             R"(", "size": 2)", more, "}");
}

inline constexpr std::string_view kGzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A manifest of one layer with `more` members.
inline std::string manifest_text(std::string_view more = {}) {
  return cat(R"({"schemaVersion": 2, "config": )", descriptor(media_type::kConfig),
             R"(, "layers": [)", descriptor(kGzipLayer, 'b'), "]", more, "}");
}

/// An index of `entries`, written as in an array, with `more` members.
inline std::string index_text(std::string_view entries, std::string_view more = {}) {
  return cat(R"({"schemaVersion": 2, "manifests": [)", entries, "]", more, "}");
}

/// The error of `result`, or a failed test.
template <class T>
std::string failure_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? std::string() : result.error().message();
}

}  // namespace wolffia::oci
