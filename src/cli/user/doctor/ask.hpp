// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>

#include "base/result.hpp"
#include "launch/protocol.hpp"
#include "sys/process.hpp"

/// Questions that may not come back, as a file system whose server is gone, or that change the
/// process that asks: each in a process of its own, which is left alone when time is up.
namespace wolffia::cli::user::doctor {

using Clock = std::chrono::steady_clock;

/// A process that answers with one packet.
class Question {
 public:
  Question() = default;
  Question(Question&&) = default;
  Question& operator=(Question&& other) = default;
  ~Question();

  const sys::Fd& socket() const { return socket_; }
  pid_t pid() const { return process_.pid; }
  bool asked() const { return static_cast<bool>(socket_); }

 protected:
  using Work = std::function<void(const sys::Fd& answer)>;
  static Result<Question> start(uint64_t namespaces, const Work& work);
  /// False when nothing came until `deadline`, or something else than `bytes` wide.
  bool take(std::span<std::byte> bytes, Clock::time_point deadline);

 private:
  sys::Fd socket_;
  sys::Cloned process_;
};

/// A question whose answer is a plain struct.
template <class T>
class Asked : public Question {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Asked() = default;

  /// `work` runs in a new process, in new `namespaces` (CLONE_NEW*); it may use the socket to agree
  /// with the asker first. Errors: those of clone(2).
  static Result<Asked> start(uint64_t namespaces, const std::function<T(const sys::Fd&)>& work);

  /// The answer, if it comes before `deadline`.
  std::optional<T> take(Clock::time_point deadline) {
    T answer;
    if (!Question::take(std::as_writable_bytes(std::span(&answer, 1)), deadline))
      return std::nullopt;
    return answer;
  }

 private:
  explicit Asked(Question&& question) : Question(std::move(question)) {}
};

/// Ends the calling process, having sent `bytes`.
void send_answer(const sys::Fd& socket, std::span<const std::byte> bytes);

template <class T>
Result<Asked<T>> Asked<T>::start(uint64_t namespaces,
                                 const std::function<T(const sys::Fd&)>& work) {
  Question question = TRY(Question::start(namespaces, [&](const sys::Fd& answer) {
    const T found = work(answer);
    send_answer(answer, std::as_bytes(std::span(&found, 1)));
  }));
  return Asked(std::move(question));
}

}  // namespace wolffia::cli::user::doctor
