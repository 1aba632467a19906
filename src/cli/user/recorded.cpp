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
  RunRequest request = TRY(make_request(given));
  TRY(change_limits(record, request.limits));
  return request;
}

Result<void> change_limits(const Record& record, Limits& limits) {
  if (record.updated.empty()) return {};
  std::vector<const char*> words{kUpdate.name.data()};
  for (const std::string& word : record.updated)
    words.push_back(word.c_str());
  words.push_back(record.id.c_str());
  Arguments given;
  TRY(parse(kProgram, words, given), "what update changed of it");
  return read_group_limits(given, limits);
}

}  // namespace wolffia::cli::user
