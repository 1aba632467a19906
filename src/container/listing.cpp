// SPDX-License-Identifier: Apache-2.0
#include <regex.h>
#include <unistd.h>

#include <memory>

#include "base/quote.hpp"
#include "container/cgroups.hpp"
#include "container/store.hpp"
#include "plan/subid.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kPasswdLimit = 4U << 20;

/// A compiled extended regular expression. Source: regcomp(3).
class Pattern {
 public:
  static Result<Pattern> compile(const std::string& text) {
    auto compiled = std::make_unique<regex_t>();
    const int code = ::regcomp(compiled.get(), text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code == 0) return Pattern(compiled.release());
    char reason[128] = {};
    (void)::regerror(code, compiled.get(), reason, sizeof reason);
    return Error::because(EINVAL, cat("invalid regular expression ", quoted(text), ": ", reason));
  }
  bool matches(const std::string& text) const {
    return ::regexec(compiled_.get(), text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  struct Free {
    void operator()(regex_t* compiled) const {
      ::regfree(compiled);
      delete compiled;
    }
  };
  explicit Pattern(regex_t* compiled) : compiled_(compiled) {}
  std::unique_ptr<regex_t, Free> compiled_;
};

/// A container without state.json: one that is being created, or whose create was killed.
Listing unfinished(const Entry& entry) {
  Listing listing;
  listing.state.id = entry.id();
  listing.state.owner = ::geteuid();
  listing.status = entry.creator() != 0 ? Status::Creating : Status::Stopped;
  return listing;
}

/// One whose state.json tells nothing: what the other traces of its init do.
Listing traced(const Store& store, const Entry& entry) {
  Listing listing = unfinished(entry);
  const auto traces = store.traces(entry.id());
  if (!traces) return listing;
  for (const Identity& identity : *traces) {
    const auto init = open_process(identity);
    if (!init) continue;
    listing.status = status_of(init->facts);
    listing.state.init = identity;
  }
  return listing;
}

template <class AskStatus>
Result<Listing> inspect_by(const Entry& entry, AskStatus ask_status) {
  auto state = entry.load();
  if (!state && state.error().is(ENOENT)) return unfinished(entry);
  if (!state)
    return std::move(state).error().context(cat("the state of container ", entry.id(),
                                                " is damaged (remove it with delete --force ",
                                                entry.id(), ")"));
  Listing listing;
  listing.status = ask_status(state->init);
  if (listing.status != Status::Stopped && is_paused(*state)) listing.status = Status::Paused;
  listing.state = std::move(state).value();
  return listing;
}

}  // namespace

Result<std::vector<std::string>> Store::matching(const std::string& pattern) const {
  const Pattern wanted = TRY(Pattern::compile(pattern));
  std::vector<std::string> found = TRY(ids());
  std::erase_if(found, [&](const std::string& id) { return !wanted.matches(id); });
  return found;
}

std::string owner_name(uint32_t uid) {
  const auto passwd = sys::read_file(sys::cwd(), "/etc/passwd", kPasswdLimit);
  std::string name = passwd ? plan::find_user_name(*passwd, uid) : std::string();
  return name.empty() ? cat(uid) : name;
}

Result<Listing> inspect(const Entry& entry) {
  return inspect_by(entry, [](const Identity& init) { return status_of(init); });
}

Result<Held> hold(const Entry& entry) {
  sys::PidFd opened;
  const auto status_when_opened = [&](const Identity& init) {
    auto process = open_process(init);
    if (!process) return Status::Stopped;
    opened = std::move(process->pidfd);
    return status_of(process->facts);
  };
  Listing listing = TRY(inspect_by(entry, status_when_opened));
  return Held{std::move(listing), std::move(opened)};
}

Result<Listing> inspect(const Store& store, const std::string& id) {
  const Entry entry = TRY(store.find(id));
  return inspect(entry);
}

Result<std::vector<Listing>> list(const Store& store) {
  std::vector<Listing> listings;
  for (const std::string& id : TRY(store.ids())) {
    const auto entry = store.find(id);
    if (!entry) continue;  // deleted meanwhile
    auto listing = inspect(*entry);
    if (!listing) listing = traced(store, *entry);
    listings.push_back(std::move(listing).value());
  }
  return listings;
}

}  // namespace wolffia::container
