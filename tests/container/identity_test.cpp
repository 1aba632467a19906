// SPDX-License-Identifier: Apache-2.0
#include "container/identity.hpp"

#include "container/fixture.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

constexpr const char* kStat =
    "4711 (a (b) c) S 12 4711 4711 0 -1 4194624 98 0 0 0 0 0 0 0 20 0 1 0 123456789 2424832 "
    "200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";

TEST(identity, reads_a_stat_line_whose_name_has_spaces_and_parentheses) {
  const auto facts = parse_stat(kStat);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->parent, 12);
  EXPECT_EQ(facts->start_time, 123456789U);
  EXPECT_FALSE(facts->zombie);
}

TEST(identity, rejects_what_is_no_stat_line) {
  for (const char* text : {"", ") ", "1 (x) ", "1 (x) S", "1 (x) S 1 1 1 1 1 1",
                           "1 (x) S x 1 1 0 -1 1 0 0 0 0 0 0 0 0 20 0 1 0 7"})
    EXPECT_FALSE(parse_stat(text)) << text;
}

TEST(identity, tells_a_process_that_never_executed_a_program) {
  const StandIn waiting(StandIn::Like::WaitingAtGate);
  const StandIn running(StandIn::Like::RunningProgram);
  EXPECT_TRUE(read_facts(waiting.pid())->never_executed);
  EXPECT_FALSE(read_facts(running.pid())->never_executed);
}

TEST(identity, survives_encoding) {
  const Identity identity{.pid = 4711, .start_time = UINT64_MAX, .boot_id = "0a-1b"};
  const auto again = decode_identity(encode_identity(identity));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, identity);
}

TEST(identity, survives_encoding_without_a_boot_id) {
  const Identity identity{.pid = 4711, .start_time = 5, .boot_id = ""};
  const auto again = decode_identity(encode_identity(identity));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, identity);
}

TEST(identity, rejects_damaged_traces) {
  for (const char* line :
       {"", "wolffia", "wolffia 1", "wolffia 1 22", "wolffia 1 22 5", "wolffia 1 22 5 ",
        "wolffia 2 22 5 -", "wolffia 1 1 5 -", "wolffia 1 0 5 -", "wolffia 1 -1 5 -",
        "wolffia 1 022 5 -", "wolffia 1 22 5 - ", "wolffia 1 22 5 -\n", "wolffia 1 22 5 - x",
        "wolffia 1 99999999999 5 -", "wolffia 1 22 -5 -", "wolffia 1 22 5 ZZ", "olffia 1 22 5 -"})
    EXPECT_FALSE(decode_identity(line)) << line;
}

TEST(identity, opens_the_process_it_names) {
  const StandIn init;
  const auto identity = identify(init.pid());
  ASSERT_TRUE(identity);
  EXPECT_GT(identity->start_time, 0U);
  EXPECT_TRUE(open_process(*identity));
}

TEST(identity, is_not_that_of_a_later_process_with_its_pid) {
  const StandIn init;
  auto identity = identify(init.pid());
  ASSERT_TRUE(identity);
  identity->start_time -= 1;
  const auto opened = open_process(*identity);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(ESRCH));
}

TEST(identity, does_not_outlive_a_boot) {
  const StandIn init;
  auto identity = identify(init.pid());
  ASSERT_TRUE(identity);
  identity->boot_id = "00000000-0000-0000-0000-000000000000";
  EXPECT_FALSE(open_process(*identity));
  EXPECT_FALSE(facts_of(*identity));
}

TEST(identity, without_a_boot_id_is_told_by_its_start) {
  auto identity = identify(::getpid());
  ASSERT_TRUE(identity);
  identity->boot_id.clear();
  EXPECT_TRUE(facts_of(*identity));
  ++identity->start_time;
  const auto facts = facts_of(*identity);
  ASSERT_FALSE(facts);
  EXPECT_TRUE(facts.error().is(ESRCH));
}

TEST(identity, ends_with_the_process_reaped_or_not) {
  StandIn init;
  const auto identity = identify(init.pid());
  ASSERT_TRUE(identity);
  init.end_unreaped();
  EXPECT_FALSE(facts_of(*identity));
  init.end();
  EXPECT_FALSE(facts_of(*identity));
}

TEST(identity, with_an_unknown_start_is_no_process_that_shares_our_mounts) {
  const StandIn init;
  auto identity = identify(init.pid());
  ASSERT_TRUE(identity);
  identity->start_time = 0;
  EXPECT_FALSE(facts_of(*identity));
}

}  // namespace
}  // namespace wolffia::container
