// SPDX-License-Identifier: Apache-2.0
#include "container/lifecycle.hpp"

#include <array>

namespace wolffia::container {
namespace {

struct Rule {
  Operation operation;
  /// Why not, by Status; null where it is legal. "$" stands for the id.
  std::array<const char*, 4> refusal;
};

constexpr const char* kLegal = nullptr;
constexpr const char* kBeingCreated = "container $ is still being created";

// runtime-spec runtime.md, "Operations"; the words are those that callers look for.
// The columns: creating, created, running, stopped.
constexpr std::array kRules{
    Rule{Operation::Start,
         {kBeingCreated, kLegal, "container $ is running: it was started already",
          "container $ has stopped: a stopped container cannot be started"}},
    Rule{Operation::Exec,
         {kBeingCreated, kLegal, kLegal, "cannot exec in $: container not running"}},
    Rule{Operation::Kill,
         {kBeingCreated, kLegal, kLegal, "cannot signal $: container not running"}},
    Rule{Operation::Processes,
         {kBeingCreated, kLegal, kLegal, "cannot list the processes of $: container not running"}},
    Rule{Operation::Delete,
         {"container $ is still being created: use --force", kLegal,
          "container $ is running: stop it first, or use --force", kLegal}},
    Rule{Operation::ForcedDelete, {kLegal, kLegal, kLegal, kLegal}},
};

constexpr bool rows_stand_in_order() {
  for (size_t i = 0; i < kRules.size(); ++i)
    if (static_cast<size_t>(kRules[i].operation) != i) return false;
  return true;
}
static_assert(rows_stand_in_order());

}  // namespace

Result<void> allow(Operation operation, Status status, const std::string& id) {
  const Rule& rule = kRules[static_cast<size_t>(operation)];
  const char* refusal = rule.refusal[static_cast<size_t>(status)];
  if (!refusal) return {};
  std::string sentence = refusal;
  sentence.replace(sentence.find('$'), 1, id);
  return Error::because(EINVAL, std::move(sentence));
}

}  // namespace wolffia::container
