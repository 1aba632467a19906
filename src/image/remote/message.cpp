// SPDX-License-Identifier: Apache-2.0
#include "image/remote/message.hpp"

namespace wolffia::image::remote {

void Headers::add(std::string_view name, std::string_view value) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  fields_.emplace_back(std::move(lower), value);
}

std::string_view Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (key == name) return value;
  return {};
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields_)
    if (key == name) values.push_back(value);
  return values;
}

}  // namespace wolffia::image::remote
