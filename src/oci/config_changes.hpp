// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::oci {

/// Changes to how an image runs, in the instructions of a Containerfile that make no layer: CMD,
/// ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR. Sources: Containerfile(5);
/// podman-commit(1), "--change", which also knows "CMD=/bin/sh".
class ConfigChanges {
 public:
  static constexpr size_t kInstructions = 9;

  /// `base` is what the image says so far: variables and the like are added to it.
  explicit ConfigChanges(const ImageConfig& base) : config_(base) {}

  /// Errors: EINVAL, a sentence with the instruction.
  Result<void> apply(std::string_view instruction);

  const ImageConfig& config() const { return config_; }

  /// The member "config" with the changes; all members that no instruction named stay byte for
  /// byte. `section` is what it was: an object, or empty. Errors: EINVAL when it is no object.
  Result<std::string> section(std::string_view section) const;

 private:
  ImageConfig config_;
  std::array<bool, kInstructions> touched_{};  // in the order of the table
};

}  // namespace wolffia::oci
