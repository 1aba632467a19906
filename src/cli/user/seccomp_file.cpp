// SPDX-License-Identifier: Apache-2.0
#include "cli/user/seccomp_file.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/user/config.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "oci/parse_image.hpp"
#include "oci/parse_parts.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

using json::Object;
using json::Writer;

constexpr size_t kProfileLimit = 1 << 20;

#ifdef __x86_64__
constexpr std::string_view kArchitecture = "SCMP_ARCH_X86_64";
#else
constexpr std::string_view kArchitecture = "SCMP_ARCH_AARCH64";
#endif

/// What a rule's conditions are compared with.
struct Facts {
  const std::vector<std::string>& capabilities;
  std::string architecture;  // "amd64"
  std::pair<unsigned, unsigned> kernel;
};

/// "6.1.0-13-amd64" and "4.8": the first two numbers.
std::pair<unsigned, unsigned> version_of(std::string_view text) {
  std::pair<unsigned, unsigned> version{0, 0};
  const char* end = text.data() + text.size();
  const auto [dot, fault] = std::from_chars(text.data(), end, version.first);
  if (fault == std::errc() && dot != end && *dot == '.')
    (void)std::from_chars(dot + 1, end, version.second);
  return version;
}

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Conditions {
  std::vector<std::string> arches, caps;
  std::string min_kernel;
};

Result<Conditions> read_conditions(const Object& rule, std::string_view key) {
  Conditions conditions;
  std::optional<Object> section;
  TRY(rule.read(key, section));
  if (!section) return conditions;
  TRY(section->read("arches", conditions.arches));
  TRY(section->read("caps", conditions.caps));
  TRY(section->read("minKernel", conditions.min_kernel));
  return conditions;
}

Result<bool> counts(const Object& rule, const Facts& facts) {
  const Conditions with = TRY(read_conditions(rule, "includes"));
  const Conditions without = TRY(read_conditions(rule, "excludes"));
  const auto given = [&](const std::string& cap) { return has(facts.capabilities, cap); };
  const auto newer = [&](const std::string& kernel) {
    return !kernel.empty() && facts.kernel >= version_of(kernel);
  };
  if (!with.arches.empty() && !has(with.arches, facts.architecture)) return false;
  if (!std::all_of(with.caps.begin(), with.caps.end(), given)) return false;
  if (!with.min_kernel.empty() && !newer(with.min_kernel)) return false;
  if (has(without.arches, facts.architecture) || newer(without.min_kernel)) return false;
  return std::none_of(without.caps.begin(), without.caps.end(), given);
}

Result<void> write_arguments(Writer& out, const Object& rule) {
  std::vector<Object> arguments;
  TRY(rule.read("args", arguments));
  if (arguments.empty()) return {};
  out.key("args").begin_array();
  for (const Object& argument : arguments) {
    uint64_t second = 0;
    TRY(argument.read("valueTwo", second));
    out.begin_object().member("index", TRY(argument.get<uint32_t>("index")));
    out.member("value", TRY(argument.get<uint64_t>("value"))).member("valueTwo", second);
    out.member("op", TRY(argument.get<std::string>("op"))).end_object();
  }
  out.end_array();
  return {};
}

Result<void> write_rule(Writer& out, const Object& rule) {
  std::vector<std::string> names;
  TRY(rule.read("names", names));
  if (names.empty()) names.push_back(TRY(rule.get<std::string>("name")));
  const std::string action = TRY(rule.get<std::string>("action"));
  std::optional<uint32_t> error;
  TRY(rule.read("errnoRet", error));
  out.begin_object().member("names", names).member("action", action);
  if (error && (action == "SCMP_ACT_ERRNO" || action == "SCMP_ACT_TRACE"))
    out.member("errnoRet", *error);
  TRY(write_arguments(out, rule));
  out.end_object();
  return {};
}

Result<std::vector<std::string>> architectures(const Object& profile) {
  std::vector<std::string> list;
  TRY(profile.read("architectures", list));
  std::vector<Object> map;
  TRY(profile.read("archMap", map));
  for (const Object& row : map) {
    const std::string name = TRY(row.get<std::string>("architecture"));
    if (name != kArchitecture) continue;
    TRY(row.read("subArchitectures", list));
    list.insert(list.begin(), name);
  }
  return list;
}

}  // namespace

Result<std::string> convert_seccomp(std::string text, std::string_view name,
                                    const std::vector<std::string>& capabilities,
                                    std::string_view kernel) {
  const json::Document document = TRY(json::Document::parse(std::move(text), name));
  const Object profile = TRY(document.root().as<Object>());
  const Facts facts{capabilities, oci::own_platform().architecture, version_of(kernel)};
  Writer out;
  out.begin_object().member("defaultAction", TRY(profile.get<std::string>("defaultAction")));
  std::optional<uint32_t> error;
  TRY(profile.read("defaultErrnoRet", error));
  if (error) out.member("defaultErrnoRet", *error);
  if (const auto list = TRY(architectures(profile)); !list.empty())
    out.member("architectures", list);
  std::optional<std::vector<std::string>> flags;
  TRY(profile.read("flags", flags));
  if (flags) out.member("flags", *flags);
  for (const char* member : {"listenerPath", "listenerMetadata"}) {
    std::string value;
    TRY(profile.read(member, value));
    if (!value.empty()) out.member(member, value);
  }
  std::vector<Object> rules;
  TRY(profile.read("syscalls", rules));
  out.key("syscalls").begin_array();
  for (const Object& rule : rules) {
    const bool wanted = TRY(counts(rule, facts));
    if (wanted) TRY(write_rule(out, rule));
  }
  out.end_array().end_object();
  return std::move(out).take();
}

Result<oci::Seccomp> load_seccomp(const RunRequest& request) {
  const std::string& file = request.seccomp.file;
  std::string text =
      TRY(sys::read_file(sys::cwd(), file.c_str(), kProfileLimit), "--security-opt seccomp=", file);
  utsname system{};
  if (::uname(&system) < 0) return Error::last("uname");
  std::string section = TRY(convert_seccomp(std::move(text), file,
                                            chosen_capabilities(request.cap_add, request.cap_drop),
                                            static_cast<const char*>(system.release)));
  const json::Document document = TRY(json::Document::parse(std::move(section), file));
  return oci::parse_seccomp(TRY(document.root().as<Object>()));
}

}  // namespace wolffia::cli::user
