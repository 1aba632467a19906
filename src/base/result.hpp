// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <variant>

#include "base/text.hpp"

namespace wolffia {

/// Why an operation failed: an errno value, the syscall if one failed, and what was being done.
class [[nodiscard]] Error {
 public:
  /// The failure errno describes now. Use before anything else can change errno.
  static Error last(const char* call) { return {errno, {}, call}; }
  /// A failure we found ourselves; `what` is the whole sentence.
  static Error because(int code, std::string what) { return {code, std::move(what), nullptr}; }

  bool is(int code) const { return code_ == code; }
  int code() const { return code_; }
  Error context(std::string_view doing) &&;
  std::string message() const;  // "mounts[2] on /proc: move_mount: Operation not permitted"

 private:
  Error(int code, std::string what, const char* call)
      : what_(std::move(what)), call_(call), code_(code) {}
  std::string what_;  // empty until context is added: a bare failure allocates nothing
  const char* call_;
  int code_;
};

inline Error Error::context(std::string_view doing) && {
  what_ = what_.empty() ? std::string(doing) : cat(doing, ": ", what_);
  return std::move(*this);
}

inline std::string Error::message() const {
  if (!call_) return what_;
  const std::string kernel = cat(call_, ": ", strerrordesc_np(code_));
  return what_.empty() ? kernel : cat(what_, ": ", kernel);
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T& operator*() & { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error error() && { return std::move(*std::get_if<1>(&state_)); }
  T value() && { return std::move(*std::get_if<0>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  explicit operator bool() const { return !error_; }
  const Error& error() const& { return *error_; }
  Error error() && { return *std::move(error_); }
  void value() && {}

 private:
  std::optional<Error> error_;
};

}  // namespace wolffia

#define WOLFFIA_JOIN_(a, b) a##b
#define WOLFFIA_JOIN(a, b) WOLFFIA_JOIN_(a, b)
#define WOLFFIA_TRY_(tmp, expr, ...)                                                   \
  __extension__({                                                                      \
    auto tmp = (expr);                                                                 \
    if (!tmp) [[unlikely]]                                                             \
      return std::move(tmp).error() __VA_OPT__(.context(::wolffia::cat(__VA_ARGS__))); \
    std::move(tmp).value();                                                            \
  })
/// The value of `expr`, or return its error from this function. Further arguments are joined
/// into context, and only evaluated on failure: TRY(clone_tree(d, p), "mounts[", i, "]").
#define TRY(expr, ...) \
  WOLFFIA_TRY_(WOLFFIA_JOIN(try_, __COUNTER__), expr __VA_OPT__(, ) __VA_ARGS__)
