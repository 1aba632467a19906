// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

struct HookList {
  std::string_view name;
  std::vector<Hook> Hooks::*hooks;
};

// runtime-spec config.md, "POSIX-platform Hooks".
constexpr std::array kHookLists{
    HookList{"prestart", &Hooks::prestart},
    HookList{"createRuntime", &Hooks::create_runtime},
    HookList{"createContainer", &Hooks::create_container},
    HookList{"startContainer", &Hooks::start_container},
    HookList{"poststart", &Hooks::poststart},
    HookList{"poststop", &Hooks::poststop},
};

Result<Hook> parse_hook(const json::Object& object) {
  Hook hook;
  const json::Field path = TRY(object.get<json::Field>("path"));
  hook.path = TRY(parse_absolute_path(path));
  TRY(object.read("args", hook.args));
  TRY(object.read("env", hook.env));
  TRY(object.read_integer("timeout", hook.timeout, 1, UINT32_MAX));
  return hook;
}

}  // namespace

Result<Hooks> parse_hooks(const json::Object& object) {
  Hooks hooks;
  for (const HookList& list : kHookLists)
    TRY(object.read_each(list.name, hooks.*list.hooks, parse_hook));
  return hooks;
}

}  // namespace wolffia::oci
