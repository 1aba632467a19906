// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wolffia::json {

/// Appends `text` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD, so the result
/// is valid whatever bytes a file name or an environment holds.
void append_quoted(std::string& out, std::string_view text);

/// Writes one JSON value from front to back.
///
///   Writer out("  ");
///   out.begin_object().member("id", id).key("pids").begin_array();
///   for (pid_t pid : pids) out.value(pid);
///   out.end_array().end_object();
///   return std::move(out).take();
class Writer {
 public:
  /// `indent` is what one level is indented by; empty: everything on one line.
  explicit Writer(std::string_view indent = {}) : indent_(indent) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }

  /// Precondition: inside an object; exactly one value follows.
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool truth) { return scalar(truth ? "true" : "false"); }
  template <std::integral T>
  Writer& value(T number) {
    if constexpr (std::is_signed_v<T>)
      return integer(int64_t{number});
    else
      return natural(uint64_t{number});
  }
  Writer& null() { return scalar("null"); }
  /// A value that is JSON already. Precondition: `json` is one valid value.
  Writer& raw(std::string_view json) { return scalar(json); }
  /// An array of strings.
  Writer& value(const std::vector<std::string>& texts);

  /// key() and value() in one.
  template <class T>
  Writer& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  /// What was written so far, moved out. Precondition: everything opened is closed.
  std::string take() &&;

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& scalar(std::string_view json);
  Writer& integer(int64_t number);
  Writer& natural(uint64_t number);
  void separate();  // the comma and line break in front of a value or key
  void break_line();

  std::string out_;
  std::string indent_;
  std::string open_;   // the brackets that are open, outermost first
  bool first_ = true;  // nothing stands yet in the innermost bracket
  bool after_key_ = false;
};

}  // namespace wolffia::json
