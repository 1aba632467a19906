// SPDX-License-Identifier: Apache-2.0
#include "plan/device_program.hpp"

#include <array>
#include <cstddef>

namespace wolffia::plan {
namespace {

using Rule = oci::DeviceRule;

Rule every_node(char type) {
  return {.allow = true, .type = type, .major = {}, .minor = {}, .access = Rule::kMknod};
}

/// Numbers: Linux devices.txt.
Rule character(uint32_t major, std::optional<uint32_t> minor) {
  return {.allow = true, .type = 'c', .major = major, .minor = minor};
}

constexpr uint32_t kMemory = 1;
constexpr uint32_t kTerminals = 5;
constexpr uint32_t kPseudoTerminals = 136;

// What is where while the program runs. The kernel hands it the context in register 1.
constexpr uint8_t kAnswer = BPF_REG_0;
constexpr uint8_t kContext = BPF_REG_1;
constexpr uint8_t kType = BPF_REG_2;
constexpr uint8_t kWanted = BPF_REG_3;  // accesses of which nothing was said yet
constexpr uint8_t kMajor = BPF_REG_4;
constexpr uint8_t kMinor = BPF_REG_5;

bpf_insn instruction(int code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
  bpf_insn out{};
  out.code = static_cast<uint8_t>(code);
  out.dst_reg = to & 0xfU;
  out.src_reg = from & 0xfU;
  out.off = offset;
  out.imm = value;
  return out;
}

bpf_insn load(uint8_t to, size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, kContext, static_cast<int16_t>(offset), 0);
}

bpf_insn copy(uint8_t to, uint8_t from) {
  return instruction(BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0);
}

/// `operation` is BPF_AND or the like, on 32 bits.
bpf_insn change(int operation, uint8_t to, int32_t value) {
  return instruction(BPF_ALU | operation | BPF_K, to, 0, 0, value);
}

/// Over `count` instructions where the comparison (BPF_JEQ, BPF_JNE) holds.
bpf_insn skip(int comparison, uint8_t what, int32_t value, size_t count) {
  return instruction(BPF_JMP | comparison | BPF_K, what, 0, static_cast<int16_t>(count), value);
}

void append(std::vector<bpf_insn>& out, std::initializer_list<bpf_insn> more) {
  out.insert(out.end(), more);
}

void answer(std::vector<bpf_insn>& out, bool yes) {
  append(out, {change(BPF_MOV, kAnswer, yes ? 1 : 0), instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)});
}

/// What a rule does where its device is meant.
std::vector<bpf_insn> decision(const Rule& rule) {
  std::vector<bpf_insn> out;
  if (rule.allow) {
    append(out, {change(BPF_AND, kWanted, ~rule.access), skip(BPF_JNE, kWanted, 0, 2)});
  } else {
    append(out, {copy(kAnswer, kWanted), change(BPF_AND, kAnswer, rule.access),
                 skip(BPF_JEQ, kAnswer, 0, 2)});
  }
  answer(out, rule.allow);
  return out;
}

struct Condition {
  uint8_t what;
  int32_t value;
};

void add(std::vector<bpf_insn>& out, const Rule& rule) {
  std::vector<Condition> conditions;
  if (rule.type != 'a')
    conditions.push_back({kType, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR});
  if (rule.major) conditions.push_back({kMajor, static_cast<int32_t>(*rule.major)});
  if (rule.minor) conditions.push_back({kMinor, static_cast<int32_t>(*rule.minor)});
  const std::vector<bpf_insn> decides = decision(rule);
  for (size_t i = 0; i < conditions.size(); ++i) {
    const size_t rest = conditions.size() - i - 1 + decides.size();
    out.push_back(skip(BPF_JNE, conditions[i].what, conditions[i].value, rest));
  }
  out.insert(out.end(), decides.begin(), decides.end());
}

}  // namespace

std::span<const Rule> default_device_rules() {
  static const std::array rules{
      every_node('c'),
      every_node('b'),
      character(kMemory, 3),     // null
      character(kMemory, 5),     // zero
      character(kMemory, 7),     // full
      character(kMemory, 8),     // random
      character(kMemory, 9),     // urandom
      character(kTerminals, 0),  // tty
      character(kTerminals, 2),  // ptmx
      character(kPseudoTerminals, {}),
  };
  return rules;
}

std::vector<bpf_insn> device_program(std::span<const Rule> rules) {
  constexpr int kTypeBits = 16;  // of access_type, the accesses are above
  std::vector<bpf_insn> out{
      load(kType, offsetof(bpf_cgroup_dev_ctx, access_type)),
      copy(kWanted, kType),
      change(BPF_AND, kType, (1 << kTypeBits) - 1),
      change(BPF_RSH, kWanted, kTypeBits),
      load(kMajor, offsetof(bpf_cgroup_dev_ctx, major)),
      load(kMinor, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (size_t i = rules.size(); i-- > 0;)
    add(out, rules[i]);
  answer(out, false);
  return out;
}

}  // namespace wolffia::plan
