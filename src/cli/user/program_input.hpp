// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "cli/user/attach_words.hpp"
#include "cli/user/streams.hpp"

namespace wolffia::cli::user {

/// What those who are attached write, on its way to the program: one packet at most.
class ProgramInput {
 public:
  explicit ProgramInput(Streams& streams) : streams_(streams) {}

  /// Nothing waits for the program to read it.
  bool empty() const { return begin_ == waiting_.size(); }
  /// Where write() would write; -1: nowhere.
  int sink() const;

  /// Takes Input, EndOfInput and Window. Precondition: empty().
  void take(const Packet& packet);
  /// Writes what the program has room for.
  void write();

 private:
  void set_window(std::string_view digits);
  void end();

  Streams& streams_;
  std::string waiting_;
  size_t begin_ = 0;
  char last_ = '\n';  // that was taken: whether a line is open
};

}  // namespace wolffia::cli::user
