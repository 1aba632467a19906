// SPDX-License-Identifier: Apache-2.0
#include "plan/device_program.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace wolffia::plan {
namespace {

using Rule = oci::DeviceRule;
using Rules = std::vector<Rule>;

constexpr uint8_t kRead = Rule::kRead;
constexpr uint8_t kWrite = Rule::kWrite;
constexpr uint8_t kMknod = Rule::kMknod;
constexpr uint8_t kAll = kRead | kWrite | kMknod;

struct Wanted {
  char type;
  uint32_t major, minor;
  uint8_t access;
};

/// A processor for as many instructions as such programs have.
class Machine {
 public:
  explicit Machine(const Wanted& wanted) {
    const auto type = uint32_t{wanted.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR};
    context_ = {type | uint32_t{wanted.access} << 16U, wanted.major, wanted.minor};
  }

  bool run(const std::vector<bpf_insn>& program) {
    for (size_t at = 0; at < program.size(); ++at) {
      const bpf_insn& it = program[at];
      if (it.code == (BPF_JMP | BPF_EXIT)) return registers_.at(0) != 0;
      if (BPF_CLASS(it.code) == BPF_JMP) {
        const bool is_equal = registers_.at(it.dst_reg) == static_cast<uint32_t>(it.imm);
        EXPECT_GE(it.off, 0);
        if (is_equal == (BPF_OP(it.code) == BPF_JEQ)) at += static_cast<size_t>(it.off);
      } else {
        step(it);
      }
    }
    ADD_FAILURE() << "it has no end";
    return false;
  }

 private:
  void step(const bpf_insn& it) {
    uint32_t& to = registers_.at(it.dst_reg);
    const auto value = static_cast<uint32_t>(it.imm);
    switch (it.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        to = context_.at(static_cast<size_t>(it.off) / sizeof(uint32_t));
        break;
      case BPF_ALU | BPF_MOV | BPF_X:
        to = registers_.at(it.src_reg);
        break;
      case BPF_ALU | BPF_MOV | BPF_K:
        to = value;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        to &= value;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        to >>= value;
        break;
      default:
        ADD_FAILURE() << "instruction " << int{it.code};
    }
  }

  std::array<uint32_t, 3> context_;  // struct bpf_cgroup_dev_ctx
  std::array<uint32_t, 6> registers_{};
};

bool allows(const Rules& rules, const Wanted& wanted) {
  return Machine(wanted).run(device_program(rules));
}

TEST(device_program, allows_nothing_of_which_no_rule_speaks) {
  EXPECT_FALSE(allows({}, {'c', 1, 3, kRead}));
  EXPECT_FALSE(allows({{true, 'c', 1, 5, kAll}}, {'c', 1, 3, kRead}));
}

TEST(device_program, asks_for_type_and_both_numbers) {
  const Rules null{{true, 'c', 1, 3, kAll}};
  EXPECT_TRUE(allows(null, {'c', 1, 3, kRead | kWrite}));
  EXPECT_FALSE(allows(null, {'b', 1, 3, kRead}));
  EXPECT_FALSE(allows(null, {'c', 2, 3, kRead}));
  EXPECT_FALSE(allows(null, {'c', 1, 4, kRead}));
  EXPECT_TRUE(allows({{true, 'a', 1, 3, kAll}}, {'b', 1, 3, kRead}));
  EXPECT_TRUE(allows({{true, 'c', 136, {}, kAll}}, {'c', 136, 77, kRead}));
  EXPECT_TRUE(allows({{true, 'b', {}, 7, kAll}}, {'b', 9, 7, kRead}));
}

TEST(device_program, has_the_last_rule_that_fits_decide) {
  const Rules rules{
      {false, 'a', {}, {}, kAll}, {true, 'c', {}, {}, kAll}, {false, 'c', 10, 200, kAll}};
  EXPECT_FALSE(allows(rules, {'b', 8, 0, kRead}));
  EXPECT_TRUE(allows(rules, {'c', 10, 229, kRead}));
  EXPECT_FALSE(allows(rules, {'c', 10, 200, kRead}));
}

TEST(device_program, grants_several_accesses_where_each_is) {
  const Rules both{{true, 'c', 1, 3, kRead}, {true, 'c', 1, 3, kWrite}};
  EXPECT_TRUE(allows(both, {'c', 1, 3, kRead | kWrite}));
  EXPECT_FALSE(allows(both, {'c', 1, 3, kRead | kMknod}));
  const Rules no_writing{{true, 'c', 1, 3, kAll}, {false, 'c', 1, 3, kWrite}};
  EXPECT_TRUE(allows(no_writing, {'c', 1, 3, kRead}));
  EXPECT_FALSE(allows(no_writing, {'c', 1, 3, kWrite}));
  EXPECT_FALSE(allows(no_writing, {'c', 1, 3, kRead | kWrite}));
  EXPECT_TRUE(allows({{true, 'a', {}, {}, kAll}, {false, 'a', {}, {}, 0}}, {'c', 1, 3, kRead}));
}

TEST(device_program, of_the_defaults_allows_those_devices_and_any_node) {
  const auto rules = default_device_rules();
  const Rules defaults(rules.begin(), rules.end());
  for (const uint32_t minor : {3U, 5U, 7U, 8U, 9U})
    EXPECT_TRUE(allows(defaults, {'c', 1, minor, kRead | kWrite}));
  EXPECT_FALSE(allows(defaults, {'c', 1, 1, kRead}));  // mem
  EXPECT_TRUE(allows(defaults, {'c', 5, 0, kRead | kWrite}));
  EXPECT_FALSE(allows(defaults, {'c', 5, 1, kRead}));
  EXPECT_TRUE(allows(defaults, {'c', 136, 4, kRead | kWrite}));
  EXPECT_TRUE(allows(defaults, {'b', 8, 0, kMknod}));
  EXPECT_FALSE(allows(defaults, {'b', 8, 0, kRead}));
}

}  // namespace
}  // namespace wolffia::plan
