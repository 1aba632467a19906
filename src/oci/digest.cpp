// SPDX-License-Identifier: Apache-2.0
#include "oci/digest.hpp"

#include <algorithm>

#include "base/quote.hpp"

namespace wolffia::oci {
namespace {

struct Form {
  std::string_view prefix;
  size_t digits;
  Digest::Algorithm algorithm;
};
constexpr Form kForms[] = {
    {"sha256:", 64, Digest::Algorithm::Sha256},
    {"sha512:", 128, Digest::Algorithm::Sha512},
};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  for (const Form& form : kForms) {
    if (!text.starts_with(form.prefix)) continue;
    const std::string_view hex = text.substr(form.prefix.size());
    if (hex.size() == form.digits && std::all_of(hex.begin(), hex.end(), is_hex))
      return Digest(form.algorithm, text);
    return Error::because(EINVAL, cat(quoted(text), " must have ", form.digits,
                                      " lower-case hexadecimal digits behind ", form.prefix));
  }
  return Error::because(EINVAL, cat(quoted(text), " must be a digest, sha256:… or sha512:…"));
}

}  // namespace wolffia::oci
