// SPDX-License-Identifier: Apache-2.0
#include "image/layer/checked.hpp"

namespace wolffia::image {

Result<void> Check::add(std::span<const std::byte> bytes) {
  if (bytes.size() > wanted_.size - size_)
    return Error::because(EINVAL, cat(what_, " is longer than its descriptor says"));
  size_ += bytes.size();
  hasher_.add(bytes);
  return {};
}

Result<void> Check::finish() {
  if (size_ != wanted_.size)
    return Error::because(EINVAL, cat(what_, " is shorter than its descriptor says"));
  if (hasher_.finish() != wanted_.digest)
    return Error::because(EINVAL, cat(what_, " is not what its digest says"));
  return {};
}

Result<void> send_checked(Source& source, const oci::Descriptor& wanted, const Sink& sink) {
  Check check(wanted, cat(source.name(), ": blob ", wanted.digest.text()));
  const Sink both = [&](std::span<const std::byte> bytes) -> Result<void> {
    TRY(check.add(bytes));
    return sink(bytes);
  };
  if (wanted.data) {
    TRY(both(std::as_bytes(std::span(*wanted.data))));
  } else {
    TRY(source.blob(wanted, 0, both));
  }
  return check.finish();
}

}  // namespace wolffia::image
