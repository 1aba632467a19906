// SPDX-License-Identifier: Apache-2.0
#include "container/state.hpp"

#include <gtest/gtest.h>

#include "container/fixture.hpp"

namespace wolffia::container {
namespace {

State sample() {
  State state;
  state.id = "box";
  state.init = {.pid = 4711, .start_time = 123456789012345, .boot_id = "0a-1b"};
  state.bundle = "/b \"quoted\"";
  state.rootfs = "/b/rootfs";
  state.created = "2026-08-01T12:00:00.000000001Z";
  state.owner = 1001;
  state.terminal = true;
  state.annotations = {{"org.example.key", "value\nwith a line"}, {"", "empty key"}};
  state.poststart = {{.path = "/bin/one", .args = {"one", "-x"}, .env = {"A=B"}, .timeout = 5}};
  state.poststop = {{.path = "/bin/two", .args = {}, .env = {}, .timeout = {}}};
  return state;
}

TEST(state, survives_encoding) {
  const auto again = decode_state(encode_state(sample()));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(encode_state(*again), encode_state(sample()));
  EXPECT_EQ(again->init, sample().init);
  EXPECT_EQ(again->annotations, sample().annotations);
  ASSERT_EQ(again->poststart.size(), 1U);
  EXPECT_EQ(again->poststart[0].timeout, 5U);
  EXPECT_EQ(again->poststop[0].path, "/bin/two");
}

TEST(state, cut_anywhere_is_an_error) {
  const std::string whole = encode_state(sample());
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_state(whole.substr(0, size))) << size;
}

TEST(state, nested_200000_deep_is_an_error) {
  EXPECT_FALSE(decode_state(std::string(200000, '[')));
  std::string objects;
  for (int i = 0; i < 200000; ++i)
    objects += "{\"a\":";
  EXPECT_FALSE(decode_state(objects));
}

TEST(state, of_another_release_is_an_error) {
  std::string text = encode_state(sample());
  const size_t at = text.find("\"version\":1");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 11, "\"version\":2");
  const auto decoded = decode_state(text);
  ASSERT_FALSE(decoded);
  EXPECT_NE(decoded.error().message().find("version"), std::string::npos);
}

TEST(state, with_an_impossible_pid_is_an_error) {
  for (const char* pid : {"-1", "0", "1", "4294967296", "\"4711\"", "1.5", "null"}) {
    std::string text = encode_state(sample());
    const size_t at = text.find("4711");
    text.replace(at, 4, pid);
    EXPECT_FALSE(decode_state(text)) << pid;
  }
}

TEST(state, is_shown_to_hooks_as_the_specification_says) {
  State state = sample();
  state.annotations = {{"k", "v"}};
  state.bundle = "/b";
  EXPECT_EQ(hook_state(state, Status::Creating, "@PID@"),
            R"({"ociVersion":"1.3.0","id":"box","status":"creating","pid":@PID@,"bundle":"/b",)"
            R"("annotations":{"k":"v"}})");
}

TEST(state, shows_no_pid_once_stopped) {
  EXPECT_NE(state_json(sample(), Status::Running, "ana").find("\"pid\": 4711"), std::string::npos);
  EXPECT_NE(state_json(sample(), Status::Stopped, "ana").find("\"pid\": 0"), std::string::npos);
}

TEST(state, is_stamped_in_utc_as_rfc_3339) {
  const std::string now = timestamp_now();
  ASSERT_EQ(now.size(), 30U) << now;
  EXPECT_EQ(now[10], 'T');
  EXPECT_EQ(now[19], '.');
  EXPECT_EQ(now.back(), 'Z');
}

TEST(status, follows_the_process) {
  StandIn waiting(StandIn::Like::WaitingAtGate);
  StandIn running;
  const Identity at_gate = *identify(waiting.pid());
  const Identity in_program = *identify(running.pid());
  EXPECT_EQ(status_of(at_gate), Status::Created);
  EXPECT_EQ(status_of(in_program), Status::Running);
  running.end_unreaped();
  EXPECT_EQ(status_of(in_program), Status::Stopped);
  waiting.end();
  EXPECT_EQ(status_of(at_gate), Status::Stopped);
}

TEST(status, after_a_reboot_is_stopped) {
  const StandIn running;
  Identity init = *identify(running.pid());
  init.boot_id = "00000000-0000-0000-0000-000000000000";
  EXPECT_EQ(status_of(init), Status::Stopped);
}

}  // namespace
}  // namespace wolffia::container
