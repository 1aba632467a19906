// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/image_file.hpp"
#include "cli/user/launched.hpp"
#include "cli/user/options.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/programs.hpp"
#include "cli/user/session.hpp"
#include "cli/user/storage.hpp"
#include "sys/directory.hpp"

/// export and commit: wolffia-image makes archives and images; what of is for us to say.
namespace wolffia::cli::user {
namespace {

using Words = std::vector<std::string>;

/// `--option VALUE`, as often as it was given.
void pass_on(Words& words, const Arguments& arguments, const Option& option) {
  Words values = arguments.list(option);
  if (option.takes == Takes::Value && arguments.has(option))
    values = {std::string(arguments.value(option))};
  for (const std::string& value : values)
    words.push_back(cat("--", option.name, "=", value));
}

Words image_words(const Session& session, const char* command) {
  return {"--store", session.store.path(), command};
}

std::string joined(const std::vector<std::string>& args) {
  std::string text;
  for (const std::string& arg : args)
    text += cat(text.empty() ? "" : " ", arg);
  return text;
}

}  // namespace

Result<int> run_export(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  const ContainerDir& container = known.directory;
  Words words = image_words(session, "export");
  pass_on(words, arguments, kOutput);
  const bool of_image = !known.record.image_id.empty();
  if (of_image && !has_copy(container))
    if (const auto upper = TRY(upper_path(container))) words.push_back(cat("--upper=", *upper));
  words.emplace_back("--");
  if (!of_image && is_image_file(known.record.directory))
    return Error::because(EINVAL, cat("container ", known.record.id, " is of the image file ",
                                      quoted_if_needed(known.record.directory),
                                      ": copy what is needed with wolffia cp"));
  if (!of_image)
    words.push_back(known.record.directory);
  else
    words.push_back(has_copy(container) ? cat(container.path, "/root") : known.record.image_id);
  return become_image_program(words);
}

Result<int> run_commit(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  TRY(expect_image(known.record));
  const Launched launched = TRY(read_launched(known.directory));
  Words words = image_words(session, "commit");
  for (const Option* option : {&kChange, &kMessage, &kAuthor})
    pass_on(words, arguments, *option);
  words.push_back(cat("--created-by=", joined(launched.args)));
  for (const std::string& path : launched.made)
    words.push_back(cat("--mount-point=", path));
  if (has_copy(known.directory))
    words.push_back(cat("--tree=", known.directory.path, "/root"));
  else if (const auto upper = TRY(upper_path(known.directory)))
    words.push_back(cat("--upper=", *upper));
  words.insert(words.end(), {"--", known.record.image_id});
  if (arguments.positionals().size() > 1) words.emplace_back(arguments.positionals()[1]);
  return become_image_program(words);
}

}  // namespace wolffia::cli::user
