// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/layer/hash.hpp"
#include "image/source.hpp"

namespace wolffia::image {

/// Holds the bytes of a blob against its descriptor as they come.
class Check {
 public:
  /// `what` names the blob in messages: "docker.io/library/debian:12: layer sha256:…".
  Check(const oci::Descriptor& wanted, std::string what)
      : wanted_(wanted), what_(std::move(what)), hasher_(wanted.digest.algorithm()) {}

  /// Errors: EINVAL as soon as there are more bytes than the descriptor says.
  Result<void> add(std::span<const std::byte> bytes);

  /// Errors: EINVAL when there were fewer, or others. Precondition: called once.
  Result<void> finish();

  uint64_t size() const { return size_; }

 private:
  oci::Descriptor wanted_;
  std::string what_;
  Hasher hasher_;
  uint64_t size_ = 0;
};

/// Passes the blob from `source` on to `sink` and checks it. When it fails, `sink` may have got
/// bytes that nobody must use. Errors: EINVAL; those of both.
Result<void> send_checked(Source& source, const oci::Descriptor& wanted, const Sink& sink);

}  // namespace wolffia::image
