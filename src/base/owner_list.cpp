// SPDX-License-Identifier: Apache-2.0
#include "base/owner_list.hpp"

#include "base/text.hpp"
#include "base/words.hpp"

namespace wolffia {
namespace {

constexpr std::string_view kFirstLine = "wolffia owners 1\n";
constexpr std::string_view kLineEnd = "/\n";
constexpr std::string_view kNothing = "-";

std::string line_of(uint64_t inode, std::string_view note, std::string_view name) {
  return cat(inode, " ", note, " ", name, kLineEnd);
}

}  // namespace

OwnerList OwnerList::parse(std::string_view text) {
  OwnerList list;
  if (!text.starts_with(kFirstLine)) return list;
  list.whole_ = true;
  text.remove_prefix(kFirstLine.size());
  while (!text.empty()) {
    const size_t end = text.find(kLineEnd);
    list.whole_ = end != std::string_view::npos;
    if (!list.whole_) break;  // whoever wrote it was killed
    list.read_line(text.substr(0, end));
    ++list.lines_;
    text.remove_prefix(end + kLineEnd.size());
  }
  return list;
}

void OwnerList::read_line(std::string_view line) {
  Words words(line);
  uint64_t inode = 0;
  const bool numbered = read_number(words.next(), inode);
  const std::string_view note = words.next();
  const size_t before = line.find(' ', line.find(' ') + 1);  // the name may have spaces
  const std::string_view name = before < line.size() ? line.substr(before + 1) : "";
  const bool named = !name.empty() && name.find('/') == std::string_view::npos &&
                     name.find('\0') == std::string_view::npos;
  if (!numbered || !named) return;
  if (note == kNothing) notes_.erase({std::string(name), inode});
  if (const auto noted = Noted::parse(note)) notes_[{std::string(name), inode}] = *noted;
}

std::string OwnerList::rewritten() {
  lines_ = notes_.size();
  whole_ = true;
  std::string text(kFirstLine);
  for (const auto& [key, noted] : notes_)
    text += line_of(key.second, noted.text(), key.first);
  return text;
}

std::optional<Noted> OwnerList::find(std::string_view name, uint64_t inode) const {
  const auto found = notes_.find({std::string(name), inode});
  if (found == notes_.end()) return std::nullopt;
  return found->second;
}

std::vector<uint64_t> OwnerList::inodes(std::string_view name) const {
  std::vector<uint64_t> all;
  for (auto it = notes_.lower_bound({std::string(name), 0});
       it != notes_.end() && it->first.first == name; ++it)
    all.push_back(it->first.second);
  return all;
}

std::string OwnerList::set(std::string_view name, uint64_t inode, const Noted& noted) {
  notes_[{std::string(name), inode}] = noted;
  ++lines_;
  return line_of(inode, noted.text(), name);
}

std::string OwnerList::remove(std::string_view name, uint64_t inode) {
  notes_.erase({std::string(name), inode});
  ++lines_;
  return line_of(inode, kNothing, name);
}

}  // namespace wolffia
