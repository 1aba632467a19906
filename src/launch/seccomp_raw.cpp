// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_raw.hpp"

#include <linux/bpf_common.h>
#include <seccomp.h>

#include <cstring>

#include "base/base64.hpp"
#include "base/quote.hpp"
#include "launch/seccomp_abi.hpp"

namespace wolffia::launch {

Result<Filter> read_program(std::string_view base64) {
  const auto bytes = base64_decode(base64);
  if (!bytes) return Error::because(EINVAL, "must be base 64, padded and without blanks");
  const size_t count = bytes->size() / sizeof(sock_filter);
  if (bytes->size() % sizeof(sock_filter) != 0 || count == 0 || count > BPF_MAXINSNS)
    return Error::because(
        EINVAL, cat("must be 1 to ", BPF_MAXINSNS, " instructions of ", sizeof(sock_filter),
                    " bytes each, not ", bytes->size(), " bytes"));
  Filter filter;
  filter.program.resize(count);
  std::memcpy(filter.program.data(), bytes->data(), bytes->size());
  return filter;
}

Result<void> check_names(const oci::Seccomp& section) {
  for (size_t i = 0; i < section.syscalls.size(); ++i)
    for (const std::string& name : section.syscalls[i].names)
      if (::seccomp_syscall_resolve_name(name.c_str()) == __NR_SCMP_ERROR && !newer_call(name))
        return Error::because(EINVAL,
                              cat("linux.seccomp.syscalls[", i, "].names: ", quoted(name),
                                  " is no system call that is known here, which the "
                                  "annotation run.oci.seccomp_fail_unknown_syscall forbids"));
  return {};
}

}  // namespace wolffia::launch
