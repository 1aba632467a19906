// SPDX-License-Identifier: Apache-2.0
#include "plan/capabilities.hpp"

#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

constexpr uint64_t kChown = uint64_t{1} << CAP_CHOWN;
constexpr uint64_t kKill = uint64_t{1} << CAP_KILL;

struct Outcome {
  CapabilitySets sets;
  std::vector<std::string> notices;
};

Outcome outcome_of(const std::optional<oci::Capabilities>& asked) {
  Outcome outcome;
  outcome.sets = plan_capabilities(asked, outcome.notices);
  return outcome;
}

TEST(capabilities, names_stand_at_their_numbers) {
  EXPECT_EQ(kCapabilities[CAP_CHOWN], "CAP_CHOWN");
  EXPECT_EQ(kCapabilities[CAP_SYS_ADMIN], "CAP_SYS_ADMIN");
  EXPECT_EQ(kCapabilities[CAP_SETFCAP], "CAP_SETFCAP");
  EXPECT_EQ(kCapabilities[CAP_AUDIT_READ], "CAP_AUDIT_READ");
  EXPECT_EQ(kCapabilities[CAP_CHECKPOINT_RESTORE], "CAP_CHECKPOINT_RESTORE");
  EXPECT_EQ(kCapabilities.size(), 41U);
}

TEST(capabilities, a_bundle_that_names_none_has_none) {
  const Outcome outcome = outcome_of(std::nullopt);
  const CapabilitySets& sets = outcome.sets;
  EXPECT_EQ(sets.bounding | sets.effective | sets.permitted | sets.inheritable | sets.ambient, 0U);
  EXPECT_TRUE(outcome.notices.empty());
}

TEST(capabilities, inheritable_and_ambient_stay_empty_unless_asked_for) {
  const std::vector<std::string> both{"CAP_CHOWN", "CAP_KILL"};
  const Outcome outcome = outcome_of(oci::Capabilities{both, both, {}, both, {}});
  EXPECT_EQ(outcome.sets.bounding, kChown | kKill);
  EXPECT_EQ(outcome.sets.effective, kChown | kKill);
  EXPECT_EQ(outcome.sets.permitted, kChown | kKill);
  EXPECT_EQ(outcome.sets.inheritable, 0U);
  EXPECT_EQ(outcome.sets.ambient, 0U);
}

TEST(capabilities, an_unknown_one_is_left_out_with_one_notice) {
  const std::vector<std::string> names{"CAP_FLY", "CAP_KILL"};
  const Outcome outcome = outcome_of(oci::Capabilities{names, names, {}, names, {}});
  EXPECT_EQ(outcome.sets.effective, kKill);
  EXPECT_EQ(outcome.notices, (std::vector<std::string>{
                                 "process.capabilities: unknown capability \"CAP_FLY\" is left "
                                 "out"}));
}

TEST(capabilities, ambient_without_inheritable_is_left_out_with_a_notice) {
  const std::vector<std::string> kill{"CAP_KILL"};
  const Outcome outcome = outcome_of(oci::Capabilities{kill, kill, {}, kill, kill});
  EXPECT_EQ(outcome.sets.ambient, 0U);
  EXPECT_EQ(outcome.notices, (std::vector<std::string>{
                                 "process.capabilities.ambient: left out, as not in inheritable: "
                                 "CAP_KILL"}));
}

TEST(capabilities, ambient_without_permitted_is_left_out_with_a_notice) {
  const std::vector<std::string> kill{"CAP_KILL"};
  const Outcome outcome = outcome_of(oci::Capabilities{kill, {}, kill, {}, kill});
  EXPECT_EQ(outcome.sets.ambient, 0U);
  EXPECT_EQ(outcome.notices, (std::vector<std::string>{
                                 "process.capabilities.ambient: left out, as not in permitted: "
                                 "CAP_KILL"}));
}

TEST(capabilities, ambient_in_both_is_kept) {
  const std::vector<std::string> kill{"CAP_KILL"};
  EXPECT_EQ(outcome_of(oci::Capabilities{kill, kill, kill, kill, kill}).sets.ambient, kKill);
}

TEST(capabilities, effective_is_within_permitted) {
  const Outcome outcome =
      outcome_of(oci::Capabilities{{}, {"CAP_CHOWN", "CAP_KILL"}, {}, {"CAP_KILL"}, {}});
  EXPECT_EQ(outcome.sets.effective, kKill);
  EXPECT_EQ(outcome.notices.size(), 1U);
}

TEST(capabilities, inheritable_is_within_bounding) {
  const Outcome outcome =
      outcome_of(oci::Capabilities{{"CAP_KILL"}, {}, {"CAP_CHOWN", "CAP_KILL"}, {}, {}});
  EXPECT_EQ(outcome.sets.inheritable, kKill);
  EXPECT_EQ(outcome.notices.size(), 1U);
}

TEST(capabilities, names_are_read_as_crun_reads_them) {
  EXPECT_EQ(outcome_of(oci::Capabilities{{"cap_kill", "CHOWN"}, {}, {}, {}, {}}).sets.bounding,
            kChown | kKill);
}

TEST(capabilities, are_described_in_the_order_of_their_numbers) {
  EXPECT_EQ(describe_capabilities(kKill | kChown), "CAP_CHOWN CAP_KILL");
  EXPECT_EQ(describe_capabilities(0), "none");
}

}  // namespace
}  // namespace wolffia::plan::test
