// SPDX-License-Identifier: Apache-2.0
#include "cli/image_json.hpp"

namespace wolffia::cli {

void write_pairs(json::Writer& out, std::string_view name, const oci::Annotations& pairs) {
  out.key(name).begin_object();
  for (const auto& [key, value] : pairs)
    out.member(key, value);
  out.end_object();
}

void write_image_config(json::Writer& out, const oci::ImageConfig& config) {
  out.begin_object().member("user", config.user).member("env", config.env);
  out.member("entrypoint", config.entrypoint).member("cmd", config.cmd);
  out.member("workingDir", config.working_dir).member("exposedPorts", config.exposed_ports);
  out.member("volumes", config.volumes).member("stopSignal", config.stop_signal);
  write_pairs(out, "labels", config.labels);
  out.end_object();
}

}  // namespace wolffia::cli
