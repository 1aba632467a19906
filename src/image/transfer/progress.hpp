// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "image/layer/unpack.hpp"
#include "oci/digest.hpp"

namespace wolffia::image {

/// Who wants to know how a transfer goes. Called from several threads at once.
class Progress {
 public:
  virtual ~Progress() = default;
  /// What happens now, or what to know: "pulling docker.io/library/debian:12".
  virtual void note(std::string_view text) = 0;
  /// One of the things that a note has summed up, for who wants it all.
  virtual void detail(std::string_view text) = 0;
  /// `total` bytes of a blob will come; `done` of them are here already.
  virtual void begin(const oci::Digest& blob, uint64_t total, uint64_t done) = 0;
  virtual void advance(const oci::Digest& blob, uint64_t bytes) = 0;
  /// It is here and unpacked.
  virtual void finish(const oci::Digest& blob) = 0;
};

/// What came of a layer or a tree that a person should know: a line a kind, and each entry as a
/// detail. `layer` may be null.
void tell(Progress& progress, std::span<const Warning> warnings,
          const oci::Digest* layer = nullptr);

}  // namespace wolffia::image
