// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

Strings asked(std::string_view resources) {
  return linux_with(cat(R"("resources": )", resources)).resources.asked;
}

TEST(resources, empty_ones_ask_for_nothing) {
  EXPECT_EQ(asked("{}"), Strings{});
  EXPECT_EQ(asked("null"), Strings{});
  EXPECT_EQ(asked(R"({"memory": {}, "cpu": {}, "pids": {}, "blockIO": {}, "network": {}})"),
            Strings{});
  EXPECT_EQ(asked(R"({"memory": {"limit": null}, "cpu": null, "unified": {}, "rdma": {}})"),
            Strings{});
}

TEST(resources, every_field_is_named_once) {
  const Strings expected{
      "memory.limit",
      "memory.reservation",
      "memory.swap",
      "memory.swappiness",
      "cpu.shares",
      "cpu.quota",
      "cpu.burst",
      "cpu.realtimeRuntime",
      "cpu.cpus",
      "cpu.mems",
      "cpu.idle",
      "blockIO.weight",
      "blockIO.leafWeight",
      "blockIO.weightDevice",
      "blockIO.throttleReadBpsDevice",
      "blockIO.throttleWriteIOPSDevice",
      "hugepageLimits",
      "network.classID",
      "network.priorities",
      "pids.limit",
      "rdma.mlx5_1",
      "rdma.rxe3",
      "unified.memory.high",
      "unified.io.max",
  };
  EXPECT_EQ(parsed(read_data("valid/every-field.json")).linux.resources.asked, expected);
}

TEST(resources, unlimited_values_ask_for_nothing) {
  EXPECT_EQ(asked(R"({"memory": {"limit": -1, "swap": -1}, "pids": {"limit": -1}})"), Strings{});
  EXPECT_EQ(asked(R"({"cpu": {"quota": -1, "period": 100000}})"), Strings{});
}

TEST(resources, zero_stands_for_unset_but_for_pids) {
  EXPECT_EQ(asked(R"({"memory": {"limit": 0}, "cpu": {"shares": 0, "cpus": ""}})"), Strings{});
  EXPECT_EQ(asked(R"({"pids": {"limit": 0}})"), Strings{"pids.limit"});
}

TEST(resources, device_rules_ask_for_no_limit) {
  EXPECT_EQ(asked(R"({"devices": [{"allow": false, "access": "rwm"}]})"), Strings{});
}

TEST(resources, device_rules_are_kept_in_their_order) {
  const auto rules = [](const char* text) {
    return parse_resources(cat(R"({"devices": [)", text, "]}")).value().devices;
  };
  using Rules = std::vector<DeviceRule>;
  constexpr uint8_t kAll = DeviceRule::kMknod | DeviceRule::kRead | DeviceRule::kWrite;
  EXPECT_EQ(rules(R"({"allow": false})"), (Rules{{false, 'a', {}, {}, kAll}}));
  EXPECT_EQ(rules(R"({"allow": false, "type": "", "major": -1, "minor": null, "access": ""})"),
            (Rules{{false, 'a', {}, {}, 0}}));
  EXPECT_EQ(rules(R"({"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"},
                     {"allow": true, "type": "b", "major": 7, "access": "m"})"),
            (Rules{{true, 'c', 10, 200, DeviceRule::kRead | DeviceRule::kWrite},
                   {true, 'b', 7, {}, DeviceRule::kMknod}}));
  EXPECT_TRUE(rules("").empty());
}

}  // namespace
}  // namespace wolffia::oci
