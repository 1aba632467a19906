// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "cli/user/doctor/faults.hpp"

namespace wolffia::cli::user::doctor {
namespace {

TEST(doctor, says_nothing_where_nothing_is_wrong) {
  EXPECT_TRUE(diagnose(healthy()).empty());
}

TEST(doctor, names_one_cause_for_each_fault) {
  for (const Fault& row : kFaults) {
    Facts facts = healthy();
    row.break_it(facts);
    const std::vector<Finding> findings = diagnose(facts);
    ASSERT_EQ(findings.size(), 1U) << row.id << (findings.empty() ? "" : findings.back().id);
    EXPECT_EQ(findings[0].id, row.id);
    EXPECT_EQ(findings[0].severity, row.severity) << row.id;
    const std::string words = cat(findings[0].cause, "\n", findings[0].fix);
    EXPECT_NE(words.find(row.words), std::string::npos) << row.id << ": " << words;
  }
}

TEST(doctor, has_a_row_for_every_check) {
  std::set<std::string_view> tested{"state-dir-foreign"};  // by a test of its own
  for (const Fault& row : kFaults)
    tested.insert(row.id);
  for (const Check& check : checks())
    EXPECT_TRUE(tested.contains(check.id)) << check.id;
  EXPECT_EQ(tested.size(), checks().size());
}

TEST(doctor, tells_cause_fix_and_mode_in_a_line_each) {
  for (const Fault& row : kFaults) {
    Facts facts = healthy();
    facts.better_store.clear();
    row.break_it(facts);
    for (const Finding& finding : diagnose(facts))
      for (const std::string& line : {finding.cause, finding.fix, finding.now}) {
        EXPECT_FALSE(line.empty()) << row.id;
        EXPECT_EQ(line.find('\n'), std::string::npos) << row.id;
      }
  }
}

TEST(doctor, knows_each_id_once) {
  std::set<std::string_view> ids;
  for (const Check& check : checks())
    EXPECT_TRUE(ids.insert(check.id).second) << check.id;
}

TEST(doctor, is_blocked_where_state_can_go_nowhere) {
  Facts facts = healthy();
  facts.environment.runtime_dir = RuntimeDir::Unset;
  facts.environment.state_dir_foreign = true;
  std::vector<Finding> findings = diagnose(facts);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].id, "state-dir-foreign");
  EXPECT_FALSE(can_run(findings));
  facts.environment.state_dir_foreign = false;
  facts.tmp.space.free_bytes = 0;
  findings = diagnose(facts);
  EXPECT_EQ(findings[0].id, "tmp-full");
  EXPECT_TRUE(findings[0].now.starts_with("no container runs")) << findings[0].now;
  EXPECT_FALSE(can_run(findings));
}

TEST(doctor, is_degraded_where_only_the_overlay_saved_it) {
  for (const auto break_it : {+[](Facts& f) { f.store.space.noexec = true; },
                              +[](Facts& f) { f.store.space.type = 0x6969; },  // told once
                              +[](Facts& f) { f.environment.has_fuse = false; }}) {
    Facts facts = healthy();
    break_it(facts);
    facts.trials.set(Step::StoreOverlay, EINVAL);
    facts.trials.set(Step::ScratchOverlay, EINVAL);
    for (const Finding& finding : diagnose(facts))
      EXPECT_EQ(finding.severity, Severity::Degraded) << finding.id;
  }
}

TEST(doctor, tells_the_worst_first) {
  Facts facts = healthy();
  facts.environment.has_fuse = false;
  facts.transfers.proxy_code = ECONNREFUSED;
  refuse(facts, EPERM);
  const std::vector<Finding> findings = diagnose(facts);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].id, "user-namespaces-refused");
  EXPECT_EQ(findings[1].severity, Severity::Degraded);
}

TEST(doctor, asks_root_of_a_namespace_for_no_helper) {
  Facts facts = healthy();
  facts.host.privileged = true;
  facts.host.newuidmap = MapHelper::Missing;
  facts.host.sub_uids.clear();
  facts.user = {};
  EXPECT_TRUE(diagnose(facts).empty());
}

}  // namespace
}  // namespace wolffia::cli::user::doctor
