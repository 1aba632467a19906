// SPDX-License-Identifier: Apache-2.0
#include "image/find.hpp"

#include <array>

#include "base/quote.hpp"

namespace wolffia::image {
namespace {

/// What a short name may be in the store, in the order of other tools.
std::array<std::string, 2> candidates(const std::string& name) {
  const bool one_part = name.find('/') == std::string::npos;
  return {cat("localhost/", name), cat("docker.io/", one_part ? "library/" : "", name)};
}

Result<std::optional<FoundImage>> find_reference(const Store& store, const std::string& name,
                                                 std::string_view owners) {
  const Reference reference = TRY(parse_reference(name));
  auto found = TRY(store.find(reference, owners));
  if (!found) return std::optional<FoundImage>();
  return std::optional(FoundImage{*std::move(found), reference.text()});
}

bool may_be_id(std::string_view name) {
  const size_t colon = name.find(':');
  const std::string_view hex = colon == std::string_view::npos ? name : name.substr(colon + 1);
  return hex.size() >= 12 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::optional<FoundImage>> find_by_id(const Store& store, std::string_view id,
                                             std::string_view owners) {
  auto found = TRY(store.find_id(id, owners));
  if (!found) return std::optional<FoundImage>();
  return std::optional(FoundImage{*std::move(found), {}});
}

/// The image that `name` stands for, whether it is there or not.
Result<std::optional<oci::Digest>> meant_by(const Store& store, const std::string& name) {
  for (const std::string& text : full_names(name)) {
    const auto reference = parse_reference(text);
    if (!reference) continue;
    auto manifest = TRY(store.named(*reference));
    if (manifest) return manifest;
  }
  auto digest = oci::Digest::parse(name);
  if (!digest) return std::optional<oci::Digest>();
  return std::optional(std::move(digest).value());
}

}  // namespace

std::vector<std::string> full_names(const std::string& name) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& text) {
    const auto reference = parse_reference(text);
    names.push_back(reference ? reference->text() : text);
  };
  if (has_host(name)) add(name);
  if (!has_host(name))
    for (const std::string& candidate : candidates(name))
      add(candidate);
  return names;
}

std::string short_name(std::string_view reference) {
  for (const std::string_view prefix : {"docker.io/library/", "docker.io/", "localhost/"})
    if (reference.starts_with(prefix) && !has_host(reference.substr(prefix.size())))
      return std::string(reference.substr(prefix.size()));
  return std::string(reference);
}

Result<std::optional<FoundImage>> find_image(const Store& store, const std::string& name,
                                             std::string_view owners) {
  const bool short_name = !has_host(name);
  if (!short_name) return find_reference(store, name, owners);
  for (const std::string& candidate : candidates(name)) {
    auto found = find_reference(store, candidate, owners);
    if (found && *found) return found;
    if (!found && !may_be_id(name)) return found;
  }
  if (may_be_id(name)) return find_by_id(store, name, owners);
  return std::optional<FoundImage>();
}

Error missing_image(const Store& store, const std::string& name) {
  const auto manifest = meant_by(store, name);
  const auto lost = manifest && *manifest ? store.is_lost(**manifest) : Result<bool>(false);
  if (lost && *lost)
    return Error::because(ENOENT, cat("image ", quoted_if_needed(name),
                                      " was not on disk yet when the machine stopped: pull it "
                                      "again"));
  return Error::because(ENOENT, cat("there is no image ", quoted_if_needed(name),
                                    " in the store: see wolffia images"));
}

}  // namespace wolffia::image
