// SPDX-License-Identifier: Apache-2.0
#include "image/reference.hpp"

#include <algorithm>
#include <charconv>

#include "base/quote.hpp"

namespace wolffia::image {
namespace {

constexpr std::string_view kDocker = "docker.io";
constexpr std::string_view kDockerOnce = "index.docker.io";

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alphanumeric(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

bool is_hex_or_colon(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':';
}

/// What is in front of the first `separator`, taken off `rest` together with it.
std::string_view take(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return part;
}

/// Letters and digits, with hyphens between them.
bool is_domain_component(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain_name(std::string_view text) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    if (!is_domain_component(take(text, '.'))) return false;
  }
  return true;
}

bool is_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  return fault == std::errc() && end == text.data() + text.size() && port > 0;
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, end - 1);
    const std::string_view behind = text.substr(end + 1);
    return std::count(address.begin(), address.end(), ':') >= 2 &&
           std::all_of(address.begin(), address.end(), is_hex_or_colon) &&
           (behind.empty() || (behind.front() == ':' && is_port(behind.substr(1))));
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  return is_domain_name(text.substr(0, colon));
}

/// ".", "_", "__", or any number of hyphens.
bool is_separator(std::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         text.find_first_not_of('-') == std::string_view::npos;
}

/// Runs of lower-case letters and digits with one separator between two.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back()))
    return false;
  for (size_t at = 0; at < text.size();) {
    const auto* const begin = text.begin() + at;
    const auto* const run = std::find_if_not(begin, text.end(), is_lower_or_digit);
    const auto* const next = std::find_if(run, text.end(), is_lower_or_digit);
    if (!is_separator(
            text.substr(static_cast<size_t>(run - text.begin()), static_cast<size_t>(next - run))))
      return false;
    at = static_cast<size_t>(next - text.begin());
  }
  return true;
}

bool is_repository(std::string_view text) {
  if (text.empty() || text.back() == '/') return false;
  while (!text.empty()) {
    if (!is_path_component(take(text, '/'))) return false;
  }
  return true;
}

bool is_tag(std::string_view text) {
  const auto is_word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !text.empty() && text.size() <= kTagLimit && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

/// The error that `part` of `whole` breaks `rule`.
Error invalid(std::string_view whole, std::string_view part, std::string_view rule) {
  return Error::because(EINVAL,
                        cat("invalid image name ", quoted(whole), ": ", quoted(part), " ", rule));
}

/// Takes "@DIGEST" and then ":TAG" off the end of `rest`.
Result<void> take_version(std::string_view& rest, std::string_view whole, Reference& reference) {
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    const std::string_view digest = rest.substr(at + 1);
    reference.digest = TRY(oci::Digest::parse(digest), "invalid image name ", quoted(whole));
    rest = rest.substr(0, at);
  }
  const size_t slash = rest.rfind('/');
  const size_t colon = rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    const std::string_view tag = rest.substr(colon + 1);
    if (!is_tag(tag))
      return invalid(whole, tag,
                     "is no tag: letters, digits and _.- are allowed, at most 128, and the first "
                     "is no . or -");
    reference.tag = tag;
    rest = rest.substr(0, colon);
  }
  if (reference.tag.empty() && !reference.digest) reference.tag = "latest";
  return {};
}

}  // namespace

bool has_host(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view first = text.substr(0, slash);
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos;
}

Result<Reference> parse_reference(std::string_view text) {
  if (!has_host(text))
    return Error::because(ENOENT, cat(quoted(text), " names no registry: write HOST/NAME"));
  std::string_view rest = text;
  Reference reference;
  reference.host = take(rest, '/');
  if (!is_host(reference.host)) return invalid(text, reference.host, "is no host");
  TRY(take_version(rest, text, reference));
  if (!is_repository(rest))
    return invalid(text, rest,
                   "is no repository: parts of lower-case letters and digits are allowed, with "
                   ". _ __ or - between them");
  reference.repository = rest;
  if (reference.host == kDockerOnce) reference.host = kDocker;
  if (reference.host == kDocker && rest.find('/') == std::string_view::npos)
    reference.repository = cat("library/", rest);
  if (reference.name().size() > kNameLimit)
    return invalid(
        text, reference.repository,
        cat("is too long: host and repository have at most ", kNameLimit, " characters together"));
  return reference;
}

std::string Reference::name() const {
  return cat(host, "/", repository);
}

std::string Reference::text() const {
  std::string text = name();
  if (!tag.empty()) text += cat(":", tag);
  if (digest) text += cat("@", digest->text());
  return text;
}

}  // namespace wolffia::image
