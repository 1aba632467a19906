// SPDX-License-Identifier: Apache-2.0
#include "container/listener.hpp"

#include <linux/seccomp.h>

#include "base/version.hpp"
#include "json/writer.hpp"
#include "sys/socket.hpp"

namespace wolffia::container {
namespace {

/// Source: runtime-spec config-linux.md, "The Container Process State". The metadata is last: what
/// stands in front of a pid holds nothing that looks like its mark.
std::string process_state(const oci::Seccomp& section, std::string_view state) {
  json::Writer out;
  out.begin_object().member("ociVersion", kSpecVersion);
  out.key("fds").begin_array().value("seccompFd").end_array();
  out.key("pid").raw("@PID@").key("state").raw(state);
  if (!section.listener_metadata.empty()) out.member("metadata", section.listener_metadata);
  out.end_object();
  return std::move(out).take();
}

}  // namespace

Result<void> connect_listener(const oci::Seccomp& section, std::string_view state,
                              launch::Handover& handover) {
  if ((handover.filter.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return {};
  handover.listener_socket = TRY(sys::connect_stream(section.listener_path.c_str()),
                                 "linux.seccomp.listenerPath ", section.listener_path);
  handover.listener_json = process_state(section, state);
  return {};
}

}  // namespace wolffia::container
