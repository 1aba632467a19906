// SPDX-License-Identifier: Apache-2.0
#include "json/edit.hpp"

#include <algorithm>
#include <vector>

#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::json {

Result<std::string> with_members(const std::string& text, std::span<const Member> members,
                                 std::string_view name) {
  const Document document = TRY(Document::parse(text, name));
  const Object object = TRY(document.root().as<Object>());
  std::vector<std::string> done;
  Writer out;
  out.begin_object();
  for (const auto& [key, field] : object.members()) {
    const auto edited = std::find_if(  // clang 14 captures no binding by itself
        members.begin(), members.end(),
        [&wanted = key](const Member& member) { return member.first == wanted; });
    done.emplace_back(key);
    if (edited == members.end())
      out.key(key).raw(document.raw({key}));
    else if (!edited->second.empty())
      out.key(key).raw(edited->second);
  }
  for (const auto& [key, value] : members)
    if (!value.empty() && std::find(done.begin(), done.end(), key) == done.end())
      out.key(key).raw(value);
  out.end_object();
  return std::move(out).take();
}

std::string with_item(std::string_view array, std::string_view item) {
  if (!array.starts_with('[')) return cat("[", item, "]");
  std::string_view items = array.substr(0, std::min(array.rfind(']'), array.size()));
  const size_t last = items.find_last_not_of(" \t\r\n");
  items = items.substr(0, last + 1);
  return cat(items, items == "[" ? "" : ",", item, "]");
}

}  // namespace wolffia::json
