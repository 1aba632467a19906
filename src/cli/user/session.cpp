// SPDX-License-Identifier: Apache-2.0
#include "cli/user/session.hpp"

#include "base/quote.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/tell.hpp"

namespace wolffia::cli::user {

Result<Session> Session::open(const Arguments& arguments) {
  const std::string path = TRY(image::store_path(std::string(arguments.value(kStore))));
  image::Store store = TRY(image::Store::open(path));
  Containers containers = TRY(Containers::open(store));
  return Session{std::move(store), std::move(containers)};
}

Result<Known> Session::known(const Arguments& arguments) const {
  ContainerDir directory = TRY(containers.find(arguments.positionals()[0]));
  return examine(std::move(directory));
}

Result<Known> Session::running(const Arguments& arguments) const {
  Known found = TRY(known(arguments));
  TRY(expect_running(found));
  return found;
}

Result<void> expect_running(const Known& known) {
  if (known.phase == Phase::Running) return {};
  return Error::because(EINVAL, cat("container ", known.record.id,
                                    " is not running: wolffia start ", known.record.id));
}

Result<void> expect_going(const Known& known) {
  TRY(expect_running(known));
  if (!known.paused) return {};
  return Error::because(
      EINVAL, cat("container ", known.record.id, " is paused: wolffia unpause ", known.record.id));
}

Result<std::vector<std::string>> named_containers(const Containers& containers,
                                                  const Arguments& arguments) {
  const auto words = arguments.positionals();
  const std::string_view command = arguments.command()->name;
  if (arguments.has(kEvery) && !words.empty())
    return Error::because(EINVAL,
                          cat(command, " takes --all or containers, not both: ", quoted(words[0])));
  if (arguments.has(kEvery)) return containers.ids();
  if (words.empty())
    return Error::because(EINVAL, cat(command, " needs the name or id of a container, or --all"));
  return std::vector<std::string>(words.begin(), words.end());
}

bool may_be_missing(const Arguments& arguments) {
  return arguments.has(kEvery) || arguments.has(kForce);
}

void complain(const Error& error) {
  print_message(sentence(kName, Level::Error, error.message()));
}

}  // namespace wolffia::cli::user
