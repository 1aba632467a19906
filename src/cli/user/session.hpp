// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/record.hpp"
#include "image/store.hpp"

namespace wolffia::cli::user {

/// What a command works on.
struct Session {
  image::Store store;
  Containers containers;

  /// Opens the store that --store or the environment names.
  static Result<Session> open(const Arguments& arguments);
  /// The container that the first argument names.
  Result<Known> known(const Arguments& arguments) const;
  /// The same of one that runs. Errors: EINVAL where it does not.
  Result<Known> running(const Arguments& arguments) const;
};

/// Errors: EINVAL, a sentence, unless it runs.
Result<void> expect_running(const Known& known);
/// The same where it stands still: then nothing can be started in it.
Result<void> expect_going(const Known& known);

/// Does `work` for the container of each argument, with the word that names it, or with --all for
/// every one, whatever happens to the others. One that is missing is no failure with --all and
/// --force. Returns 0, or 125 after the failures were told.
template <class Work>
Result<int> for_each_container(const Arguments& arguments, Work work);

/// The words that name the containers. Errors: EINVAL for none, and for some beside --all.
Result<std::vector<std::string>> named_containers(const Containers& containers,
                                                  const Arguments& arguments);
/// Whether a container may be missing.
bool may_be_missing(const Arguments& arguments);

/// Tells a failure and goes on: what 125 is returned for.
void complain(const Error& error);

template <class Work>
Result<int> for_each_container(const Arguments& arguments, Work work) {
  const Session session = TRY(Session::open(arguments));
  int status = 0;
  for (const std::string& word : TRY(named_containers(session.containers, arguments))) {
    auto directory = session.containers.find(word);
    if (!directory && directory.error().is(ENOENT) && may_be_missing(arguments)) continue;
    auto done = directory ? work(session, std::move(directory).value(), word)
                          : Result<void>(std::move(directory).error());
    if (done) continue;
    complain(done.error());
    status = 125;
  }
  return status;
}

}  // namespace wolffia::cli::user
