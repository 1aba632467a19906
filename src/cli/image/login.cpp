// SPDX-License-Identifier: Apache-2.0
#include "image/remote/login.hpp"

#include "base/quote.hpp"
#include "cli/image/ask.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::image {
namespace {

namespace remote = wolffia::image::remote;

Result<remote::Credentials> ask(const Arguments& arguments) {
  remote::Credentials credentials;
  credentials.user = arguments.value(kUsername);
  if (arguments.has(kPasswordStdin)) {
    if (credentials.user.empty())
      return Error::because(EINVAL, "--password-stdin needs --username USER");
    credentials.password = TRY(read_line("password"));
    return credentials;
  }
  if (!can_ask())
    return Error::because(EINVAL,
                          "there is no terminal to ask at: give --username USER --password-stdin");
  if (credentials.user.empty()) {
    print_message("user: ");
    credentials.user = TRY(read_line("user"));
  }
  credentials.password = TRY(ask_hidden("password"));
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
