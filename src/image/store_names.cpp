// SPDX-License-Identifier: Apache-2.0
#include "image/layer_list.hpp"
#include "image/store.hpp"
#include "image/store_files.hpp"
#include "sys/directory.hpp"

/// Giving and taking names; see the header for why one is made first and checked then.
namespace wolffia::image {

Result<void> Store::tag(const Reference& reference, const oci::Digest& manifest) const {
  const auto check = [&]() -> Result<void> {
    if (TRY(is_known(directory_, manifest))) return {};
    return Error::because(ENOENT, cat("there is no image ", manifest.text()));
  };
  TRY(check());
  TRY(write_ref(directory_, reference, manifest, sys::Durable::Yes), path_);
  if (auto there = check(); !there) {  // collected while we wrote: see the header
    (void)untag(reference);
    return there;
  }
  return {};
}

Result<bool> Store::untag(const Reference& reference) const {
  const std::string text = reference.text();
  const std::string name = ref_name(text);
  const auto tagged = TRY(read_ref(directory_, name));
  if (!tagged || tagged->reference != text) return false;
  const std::string path = cat(kRefs, "/", name);
  auto removed = sys::remove_entry(directory_, path.c_str());
  if (!removed && !removed.error().is(ENOENT)) return std::move(removed).error().context(text);
  return static_cast<bool>(removed);
}

}  // namespace wolffia::image
