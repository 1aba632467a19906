// SPDX-License-Identifier: Apache-2.0
#include "image/remote/login.hpp"

#include <termios.h>
#include <unistd.h>

#include "base/quote.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/options.hpp"
#include "cli/image/source.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::image {
namespace {

namespace remote = wolffia::image::remote;

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

/// A line of standard input without its end. Errors: EINVAL when it is empty, or too long.
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

Result<remote::Credentials> ask(const Arguments& arguments) {
  remote::Credentials credentials;
  credentials.user = arguments.value(kUsername);
  if (arguments.has(kPasswordStdin)) {
    if (credentials.user.empty())
      return Error::because(EINVAL, "--password-stdin needs --username USER");
    credentials.password = TRY(read_line("password"));
    return credentials;
  }
  if (::isatty(STDIN_FILENO) != 1)
    return Error::because(EINVAL,
                          "there is no terminal to ask at: give --username USER --password-stdin");
  if (credentials.user.empty()) {
    print_message("user: ");
    credentials.user = TRY(read_line("user"));
  }
  print_message("password: ");
  const NoEcho hidden;
  credentials.password = TRY(read_line("password"));
  return credentials;
}

/// "host[:port]", from which a person may have copied more.
Result<std::string> parse_host(std::string_view text) {
  if (text.empty() || text.find('/') != std::string_view::npos)
    return Error::because(EINVAL, cat(quoted(text), " must be a registry, HOST[:PORT]"));
  return std::string(remote::canonical_host(text));
}

}  // namespace

Result<int> run_login(const Arguments& arguments) {
  const std::string host = TRY(parse_host(arguments.positionals()[0]));
  const std::string file = TRY(remote::login_file(std::string(arguments.value(kAuthfile))));
  Access access = TRY(Access::open(arguments));
  const remote::Credentials credentials = TRY(ask(arguments));
  TRY(access.log_in(host, credentials));
  TRY(remote::remember(file, host, credentials));
  TRY(print(cat("logged in at ", host, " as ", credentials.user, ", kept in ", file, "\n")));
  return 0;
}

Result<int> run_logout(const Arguments& arguments) {
  const std::string host = TRY(parse_host(arguments.positionals()[0]));
  const std::string file = TRY(remote::login_file(std::string(arguments.value(kAuthfile))));
  if (!TRY(remote::forget(file, host)))
    return Error::because(ENOENT, cat("nobody is logged in at ", host, " (", file, ")"));
  TRY(print(cat("logged out of ", host, "\n")));
  return 0;
}

}  // namespace wolffia::cli::image
