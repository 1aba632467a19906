// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/quantities.hpp"

/// What stands behind the options, as people write it. Every error is one sentence that begins with
/// the option.
namespace wolffia::cli::user {

/// A limit as config.json names it.
struct Ulimit {
  std::string type;             // "RLIMIT_NOFILE"
  uint64_t soft = 0, hard = 0;  // UINT64_MAX: none
};

/// "1.5" in thousandths: 1500.
Result<uint64_t> parse_thousandths(std::string_view option, std::string_view text);

/// "nofile=1024[:2048]", "core=unlimited". Source: setrlimit(2), the names in lower case.
Result<Ulimit> parse_ulimit(std::string_view text);

/// "CAP_SYS_PTRACE", "sys_ptrace", "ALL": in capital letters with "CAP_"; ALL as it is.
Result<std::string> parse_capability(std::string_view option, std::string_view text);

/// "NAME:ADDRESS", as a line of hosts(5).
Result<std::string> parse_host_line(std::string_view text);

/// NAME=VALUE, what NAME is for us, or with PREFIX* all of ours that begin so: none, one or many.
/// `option` is for messages.
Result<std::vector<std::string>> parse_variable(std::string_view option, std::string_view text);

/// The lines of `text` as parse_variable() takes them, without comments and empty ones.
Result<std::vector<std::string>> parse_env_file(std::string_view name, std::string_view text);

/// "a,b=c": the parts, each with what stands behind its first "=".
std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text);

/// An IPv4 or IPv6 address as text. Source: inet_pton(3).
bool is_address(const std::string& text);

}  // namespace wolffia::cli::user
