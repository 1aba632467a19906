// SPDX-License-Identifier: Apache-2.0
#include "cli/user/recorded.hpp"

#include <vector>

#include "cli/user/commands.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {

Result<RunRequest> request_of(const Record& record) {
  std::vector<const char*> words;
  for (const std::string& word : record.words)
    words.push_back(word.c_str());
  Arguments given;
  TRY(parse(kProgram, words, given), "the command line it was made with");
  TRY(sys::change_directory(record.cwd.c_str()), record.cwd);
  return make_request(given);
}

}  // namespace wolffia::cli::user
