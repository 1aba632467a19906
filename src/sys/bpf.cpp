// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace wolffia::sys {
namespace {

// The union has members of many sizes; the kernel takes its own length of it.
long call(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

}  // namespace

Result<Fd> load_device_program(std::span<const bpf_insn> instructions) {
  constexpr char kLicense[] = "Apache-2.0";  // no function of the kernel is called
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<uint64_t>(instructions.data());
  attributes.insn_cnt = static_cast<uint32_t>(instructions.size());
  attributes.license = reinterpret_cast<uint64_t>(kLicense);
  const long fd = call(BPF_PROG_LOAD, attributes);
  if (fd < 0) return Error::last("bpf");
  return Fd(static_cast<int>(fd));
}

Result<void> attach_device_program(const Fd& program, const Fd& cgroup) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(cgroup.get());
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (call(BPF_PROG_ATTACH, attributes) < 0) return Error::last("bpf");
  return {};
}

}  // namespace wolffia::sys
