// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "json/field.hpp"
#include "json/limits.hpp"
#include "json/locate.hpp"
#include "json/parsed.hpp"

namespace wolffia::json {
namespace {

namespace dom = simdjson::dom;

static_assert(kMaxDepth == simdjson::DEFAULT_MAX_DEPTH);

/// Up to here comparing every key with every other costs less than sorting them.
constexpr size_t kFewKeys = 12;

/// A key `object` has twice; nullptr data where there is none.
std::string_view duplicate_among_few(const dom::object& object) {
  std::array<std::string_view, kFewKeys> keys;
  size_t count = 0;
  for (const auto member : object) {
    for (size_t i = 0; i < count; ++i) {
      if (keys[i] == member.key) return member.key;
    }
    keys[count++] = member.key;
  }
  return {};
}

std::string_view duplicate_among_many(const dom::object& object) {
  std::vector<std::string_view> keys;
  for (const auto member : object)
    keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  const auto found = std::adjacent_find(keys.begin(), keys.end());
  return found == keys.end() ? std::string_view() : *found;
}

struct Duplicate {
  dom::element object;
  std::string_view key;
};

/// The first duplicate key in or below `element`. Its depth was bounded by the parser.
std::optional<Duplicate> find_duplicate(dom::element element) {  // NOLINT(misc-no-recursion)
  dom::array array;
  if (element.get(array) == simdjson::SUCCESS) {
    for (const dom::element item : array) {
      if (auto found = find_duplicate(item)) return found;
    }
    return {};
  }
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return {};
  const std::string_view key =
      object.size() <= kFewKeys ? duplicate_among_few(object) : duplicate_among_many(object);
  if (key.data() != nullptr) return Duplicate{element, key};
  for (const auto member : object) {
    if (auto found = find_duplicate(member.value)) return found;
  }
  return {};
}

Error describe_failure(simdjson::error_code error, std::string_view name, std::string_view text) {
  if (error == simdjson::MEMALLOC)
    return Error::because(ENOMEM, cat(name, " needs too much memory"));
  std::string fault = locate_fault(text);
  if (fault.empty()) fault = simdjson::error_message(error);
  return Error::because(EINVAL, cat(name, " is not valid JSON: ", fault));
}

/// Steps over values of a text that is known to be valid JSON.
class Skipper {
 public:
  explicit Skipper(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// Goes to the value that is member `index` of the object that starts here.
  void enter_member(size_t index) {
    skip_space();
    ++at_;  // {
    for (size_t i = 0; i <= index; ++i) {
      if (i > 0) {
        skip_value();
        skip_space();
        ++at_;  // ,
      }
      skip_space();
      skip_string();
      skip_space();
      ++at_;  // :
    }
  }

  std::string_view take_value() {
    skip_space();
    const char* const start = at_;
    skip_value();
    return {start, static_cast<size_t>(at_ - start)};
  }

 private:
  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r'))
      ++at_;
  }

  void skip_string() {
    for (++at_; at_ < end_ && *at_ != '"'; ++at_) {
      if (*at_ == '\\') ++at_;
    }
    ++at_;
  }

  void skip_value() {
    skip_space();
    if (at_ < end_ && *at_ == '"') return skip_string();
    if (at_ < end_ && (*at_ == '{' || *at_ == '[')) return skip_bracket();
    while (at_ < end_ && std::string_view(",]} \t\r\n").find(*at_) == std::string_view::npos)
      ++at_;
  }

  void skip_bracket() {
    size_t open = 0;
    while (at_ < end_) {
      const char c = *at_;
      if (c == '"') {
        skip_string();
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++open;
      if ((c == '}' || c == ']') && --open == 0) return;
    }
  }

  const char* at_;
  const char* end_;
};

}  // namespace

Document::Document(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string text, std::string_view name,
                                 std::string_view root_path) {
  if (text.size() > kMaxSize)
    return Error::because(EFBIG, cat(name, " is larger than ", kMaxSize >> 20U, " MiB"));
  auto parsed = std::make_unique<Parsed>();
  parsed->size = text.size();
  parsed->text = std::move(text);
  parsed->text.append(simdjson::SIMDJSON_PADDING, '\0');
  parsed->name = name;
  parsed->root_path = root_path;

  dom::element root;
  if (const auto error = parsed->parser.parse(parsed->text.data(), parsed->size, false).get(root)) {
    parsed->text.resize(parsed->size);
    return describe_failure(error, name, parsed->text);
  }
  if (const auto found = find_duplicate(root)) {
    const Field object = Field::Access::wrap(parsed.get(), found->object);
    return Field::Access::member_error(object, found->key, "appears twice");
  }
  return Document(std::move(parsed));
}

Field Document::root() const {
  return Field::Access::wrap(parsed_.get(), parsed_->parser.doc.root());
}

std::string_view Document::raw(std::initializer_list<std::string_view> keys) const {
  Skipper skipper(std::string_view(parsed_->text).substr(0, parsed_->size));
  dom::element here = parsed_->parser.doc.root();
  for (const std::string_view key : keys) {
    dom::object object;
    if (here.get(object) != simdjson::SUCCESS) return {};
    size_t index = 0;
    auto member = object.begin();
    for (; member != object.end() && member.key() != key; ++member)
      ++index;
    if (member == object.end()) return {};
    skipper.enter_member(index);
    here = member.value();
  }
  return skipper.take_value();
}

}  // namespace wolffia::json
