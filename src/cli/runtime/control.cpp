// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/kill.hpp"
#include "container/remove.hpp"
#include "sys/signal.hpp"

namespace wolffia::cli::runtime {
namespace {

/// The containers a command is about: the one named, or with --regex all that match.
Result<std::vector<std::string>> selected(const Invocation& call, const container::Store& store) {
  if (!call.arguments.has(kRegex)) return std::vector<std::string>{call.id()};
  return store.matching(call.id());
}

/// `act` on each, the rest too when one fails; the first failure is the result.
template <class Act>
Result<void> on_each(const std::vector<std::string>& ids, Notices& notices, Act act) {
  Result<void> outcome;
  for (const std::string& id : ids) {
    auto done = act(id);
    if (done) continue;
    if (outcome)
      outcome = std::move(done);
    else
      notices.add(done.error().message());
  }
  return outcome;
}

Result<int> parse_signal(std::string_view word) {
  const std::optional<int> signal = sys::parse_signal(word);
  if (signal) return *signal;
  return Error::because(EINVAL, cat("no signal is called ", quoted(word), ": see kill -l"));
}

Error nothing_matches(const Invocation& call) {
  return Error::because(ENOENT, cat("no container matches ", quoted(call.id())));
}

}  // namespace

Result<int> run_kill(const Invocation& call, int&) {
  const auto words = call.arguments.positionals();
  const int signal = TRY(parse_signal(words.size() > 1 ? words[1] : "TERM"));
  const container::Store store = TRY(call.open_store());
  const std::vector<std::string> ids = TRY(selected(call, store));
  if (ids.empty()) return nothing_matches(call);
  const auto reach = call.arguments.has(kAll) ? container::Reach::All : container::Reach::Init;
  TRY(on_each(ids, call.notices,
              [&](const std::string& id) { return container::kill(store, id, signal, reach); }));
  return 0;
}

Result<int> run_delete(const Invocation& call, int&) {
  const auto force = call.arguments.has(kForce) ? container::Force::Yes : container::Force::No;
  const container::Store store = TRY(call.open_store());
  const std::vector<std::string> ids = TRY(selected(call, store));
  if (ids.empty() && force == container::Force::No) return nothing_matches(call);
  TRY(on_each(ids, call.notices, [&](const std::string& id) {
    return container::remove(store, id, force, call.notify());
  }));
  return 0;
}

}  // namespace wolffia::cli::runtime
