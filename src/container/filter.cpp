// SPDX-License-Identifier: Apache-2.0
#include "container/filter.hpp"

#include <algorithm>

#include "container/listener.hpp"
#include "launch/seccomp_raw.hpp"

namespace wolffia::container {
namespace {

constexpr std::string_view kProgram = "run.oci.seccomp_bpf_data";
constexpr std::string_view kStrict = "run.oci.seccomp_fail_unknown_syscall";

bool asks_for_known_names(const Annotations& annotations) {
  const std::string* value = find_annotation(annotations, kStrict);
  return value && *value != "0" && *value != "false";
}

}  // namespace

const std::string* find_annotation(const Annotations& annotations, std::string_view key) {
  const auto found =
      std::ranges::find_if(annotations, [key](const auto& one) { return one.first == key; });
  return found == annotations.end() ? nullptr : &found->second;
}

Result<void> add_filter(const std::optional<oci::Seccomp>& section, const Annotations& annotations,
                        const sys::Fd& cache, std::string_view state, launch::Handover& handover) {
  if (const std::string* program = find_annotation(annotations, kProgram)) {
    handover.filter = TRY(launch::read_program(*program), "annotation ", kProgram);
    return {};
  }
  if (!section) return {};
  if (asks_for_known_names(annotations)) TRY(launch::check_names(*section));
  handover.filter = TRY(launch::load_filter(*section, cache));
  return connect_listener(*section, state, handover);
}

}  // namespace wolffia::container
