// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "base/text.hpp"
#include "base/version.hpp"
#include "net/daemon.hpp"
#include "net/stack.hpp"
#include "sys/file.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::net {
namespace {

void tell(std::string_view sentence) {
  (void)sys::write_all(sys::BorrowedFd(STDERR_FILENO).fd(), cat("wolffia-net: ", sentence, "\n"));
}

Result<void> answer(std::span<const char* const> words) {
  const Options options = TRY(parse_command_line(words));
  if (options.ask == Ask::Serve) return serve(options, tell);
  const std::string text = options.ask == Ask::Help
                               ? help_text()
                               : cat("wolffia-net version ", kVersion, "\ncommit: ", kCommit,
                                     "\nlibslirp: ", Stack::library(), "\n");
  TRY(sys::write_all(sys::BorrowedFd(STDOUT_FILENO).fd(), text), "standard output");
  return {};
}

}  // namespace
}  // namespace wolffia::net

int main(int argc, char** argv) {
  using namespace wolffia::net;
  if (!wolffia::sys::fill_standard_streams()) return EXIT_FAILURE;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    const auto done = answer({argv + (argc > 0 ? 1 : 0), words});
    if (done) ::_exit(EXIT_SUCCESS);  // what libraries do at the end is not on the list of calls
    tell(done.error().message());
  } catch (const std::bad_alloc&) {
    tell("there is no memory left");
  }
  ::_exit(EXIT_FAILURE);
}
