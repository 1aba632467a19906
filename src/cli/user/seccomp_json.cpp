// SPDX-License-Identifier: Apache-2.0
#include "cli/user/seccomp_json.hpp"

namespace wolffia::cli::user {
namespace {

void write_argument(json::Writer& out, const oci::SeccompArg& argument) {
  out.begin_object().member("index", argument.index).member("value", argument.value);
  out.member("valueTwo", argument.value_two).member("op", argument.op).end_object();
}

void write_rule(json::Writer& out, const oci::SeccompRule& rule) {
  out.begin_object().member("names", rule.names).member("action", rule.action);
  if (rule.errno_ret) out.member("errnoRet", *rule.errno_ret);
  if (!rule.args.empty()) {
    out.key("args").begin_array();
    for (const oci::SeccompArg& argument : rule.args)
      write_argument(out, argument);
    out.end_array();
  }
  out.end_object();
}

}  // namespace

void write_seccomp(json::Writer& out, const oci::Seccomp& section) {
  out.begin_object().member("defaultAction", section.default_action);
  if (section.default_errno_ret) out.member("defaultErrnoRet", *section.default_errno_ret);
  if (!section.architectures.empty()) out.member("architectures", section.architectures);
  if (section.flags) out.member("flags", *section.flags);
  if (!section.listener_path.empty()) out.member("listenerPath", section.listener_path);
  if (!section.listener_metadata.empty()) out.member("listenerMetadata", section.listener_metadata);
  out.key("syscalls").begin_array();
  for (const oci::SeccompRule& rule : section.syscalls)
    write_rule(out, rule);
  out.end_array().end_object();
}

}  // namespace wolffia::cli::user
