// SPDX-License-Identifier: Apache-2.0
#include "container/lifecycle.hpp"

#include <array>

namespace wolffia::container {
namespace {

struct Rule {
  Operation operation;
  /// Why not, by Status; null where it is legal. "$" stands for the id.
  std::array<const char*, 5> refusal;
};

constexpr const char* kLegal = nullptr;
constexpr const char* kBeingCreated = "container $ is still being created";
constexpr const char* kPaused = "container $ is paused: resume it first";

// runtime-spec runtime.md, "Operations"; the words are those that callers look for.
// The columns: creating, created, running, stopped, paused.
constexpr std::array kRules{
    Rule{Operation::Start,
         {kBeingCreated, kLegal, "container $ is running: it was started already",
          "container $ has stopped: a stopped container cannot be started", kPaused}},
    Rule{Operation::Exec,
         {kBeingCreated, kLegal, kLegal, "cannot exec in $: container not running",
          "container $ is paused: resume it first, or use --ignore-paused to wait for that"}},
    Rule{Operation::Kill,
         {kBeingCreated, kLegal, kLegal, "cannot signal $: container not running", kLegal}},
    Rule{Operation::Processes,
         {kBeingCreated, kLegal, kLegal, "cannot list the processes of $: container not running",
          kLegal}},
    Rule{Operation::Delete,
         {"container $ is still being created: use --force", kLegal,
          "container $ is running: stop it first, or use --force", kLegal,
          "container $ is paused: resume and stop it first, or use --force"}},
    Rule{Operation::ForcedDelete, {kLegal, kLegal, kLegal, kLegal, kLegal}},
    Rule{Operation::Pause,
         {kBeingCreated, kLegal, kLegal, "cannot pause $: container not running",
          "container $ is paused already"}},
    Rule{Operation::Resume,
         {kBeingCreated, "container $ is not paused", "container $ is not paused",
          "cannot resume $: container not running", kLegal}},
    Rule{Operation::Update,
         {kBeingCreated, kLegal, kLegal, "cannot update $: container not running", kLegal}},
    Rule{Operation::Watch,
         {kBeingCreated, kLegal, kLegal, "cannot watch $: container not running", kLegal}},
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
