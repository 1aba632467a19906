// SPDX-License-Identifier: Apache-2.0
#include "cli/image/ask.hpp"

#include <termios.h>
#include <unistd.h>

#include "cli/output.hpp"

namespace wolffia::cli::image {
namespace {

/// The terminal does not show what is typed while this lives.
class NoEcho {
 public:
  NoEcho() {
    known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (!known_) return;
    (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    print_message("\n");
  }

 private:
  termios before_{};
  bool known_ = false;
};

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) == 1;
}

Result<std::string> read_line(std::string_view what) {
  constexpr size_t kLongest =
      64U << 10;  // tokens of cloud registries have some thousand characters
  std::string line;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) {
    line += c;
    if (line.size() > kLongest) return Error::because(EINVAL, cat("the ", what, " is too long"));
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return Error::because(EINVAL, cat("the ", what, " must not be empty"));
  return line;
}

Result<std::string> ask_hidden(std::string_view what) {
  print_message(cat(what, ": "));
  const NoEcho hidden;
  return read_line(what);
}

}  // namespace wolffia::cli::image
