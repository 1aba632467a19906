// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/report.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "base/version.hpp"
#include "cli/user/doctor/healthy.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::cli::user::doctor {
namespace {

/// With WOLFFIA_REWRITE set the file is written instead of compared: a reader of the output has to
/// be asked first.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = WOLFFIA_TEST_DATA "/doctor/" + name;
  if (::getenv("WOLFFIA_REWRITE")) test::write_text(path, text);
  EXPECT_EQ(test::read_text(path), text);
}

std::string json_of(const Facts& facts) {
  std::string text = to_json(facts, diagnose(facts));
  const std::string version = cat("\"version\": \"", kVersion, "\"");
  text.replace(text.find(version), version.size(), "\"version\": \"VERSION\"");
  return text;
}

std::string text_of(const Facts& facts) {
  return describe(facts, diagnose(facts));
}

Facts restricted() {
  Facts facts = healthy();
  facts.trials = Trials();
  facts.trials.set(Step::UserNamespace, 0);
  facts.trials.set(Step::Maps, EACCES);
  facts.confinement.apparmor_restricts = 1;
  return facts;
}

Facts cluster() {
  Facts facts = healthy();
  facts.host.sub_uids = facts.host.sub_gids = {};
  facts.user.uid_map = facts.user.gid_map = {{0, 1001, 1}};
  facts.cgroups.kind = Cgroups::Kind::Hybrid;
  facts.environment.runtime_dir = Environment::RuntimeDir::Unset;
  facts.store.space.type = 0x6969;
  facts.trials.set(Step::StoreOverlay, EINVAL);
  facts.trials.set(Step::NetNamespace, EPERM);
  facts.trials.set(Step::Proc, EPERM);
  return facts;
}

TEST(doctor_report, has_one_schema) {
  expect_golden("healthy.json", json_of(healthy()));
  expect_golden("apparmor.json", json_of(restricted()));
  expect_golden("cluster.json", json_of(cluster()));
}

TEST(doctor_report, is_for_people_first) {
  expect_golden("healthy.txt", text_of(healthy()));
  expect_golden("apparmor.txt", text_of(restricted()));
  expect_golden("cluster.txt", text_of(cluster()));
}

TEST(doctor_report, keeps_foreign_words_from_the_terminal) {
  Facts facts = healthy();
  facts.store.path = facts.store.existing = "/home/\x1b[31m\nred";
  facts.store.write_code = EACCES;
  facts.better_store = facts.environment.executable = facts.store.path;
  facts.trials.set(Step::Maps, EPERM);
  facts.confinement.apparmor_restricts = 1;
  facts.confinement.covered_proc = {"/proc/\x1b[2J"};
  facts.trials.set(Step::Proc, EPERM);
  facts.transfers.proxy_variable = "https_proxy";
  facts.transfers.proxy = "\x1b]0;title\a";
  facts.transfers.proxy_valid = false;
  EXPECT_EQ(text_of(facts).find_first_of("\x1b\a"), std::string::npos);
  EXPECT_EQ(text_of(facts).find("\nred"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::cli::user::doctor
