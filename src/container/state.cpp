// SPDX-License-Identifier: Apache-2.0
#include "container/state.hpp"

#include <time.h>

#include <array>
#include <cstdio>

#include "base/utc.hpp"
#include "base/version.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::container {
namespace {

constexpr uint32_t kFormat = 1;  // of state.json; another one is refused, not guessed at

constexpr std::array kStatusNames{"creating", "created", "running", "stopped", "paused"};

void write_annotations(json::Writer& out, const State& state) {
  out.key("annotations").begin_object();
  for (const auto& [key, value] : state.annotations)
    out.member(key, value);
  out.end_object();
}

void write_hooks(json::Writer& out, const char* name, const std::vector<oci::Hook>& hooks) {
  out.key(name).begin_array();
  for (const oci::Hook& hook : hooks) {
    out.begin_object().member("path", hook.path);
    out.member("args", hook.args).member("env", hook.env);
    if (hook.timeout) out.member("timeout", *hook.timeout);
    out.end_object();
  }
  out.end_array();
}

Result<oci::Hook> read_hook(const json::Object& object) {
  oci::Hook hook;
  hook.path = TRY(object.get<std::string>("path"));
  TRY(object.read("args", hook.args));
  TRY(object.read("env", hook.env));
  TRY(object.read_integer("timeout", hook.timeout, 1, UINT32_MAX));
  return hook;
}

Result<Identity> read_init(const json::Object& object) {
  Identity init;
  init.pid = static_cast<pid_t>(TRY(object.get_integer("pid", 2, INT32_MAX)));
  init.start_time = TRY(object.get<uint64_t>("startTime"));
  init.boot_id = TRY(object.get<std::string>("bootId"));
  return init;
}

Result<State> read_state(const json::Object& object) {
  if (TRY(object.get<uint32_t>("version")) != kFormat)
    return object.invalid("version", "is of another release");
  State state;
  state.init = TRY(read_init(TRY(object.get<json::Object>("init"))));
  state.id = TRY(object.get<std::string>("id"));
  state.bundle = TRY(object.get<std::string>("bundle"));
  state.rootfs = TRY(object.get<std::string>("rootfs"));
  state.created = TRY(object.get<std::string>("created"));
  state.owner = TRY(object.get<uint32_t>("owner"));
  state.has_process = TRY(object.get<bool>("hasProcess"));
  state.terminal = TRY(object.get<bool>("terminal"));
  state.own_pid_namespace = TRY(object.get<bool>("ownPidNamespace"));
  state.annotations = TRY(object.get<json::StringMap>("annotations"));
  TRY(object.read("cgroup", state.cgroup));
  TRY(object.read("cgroupMade", state.cgroup_made));
  TRY(object.read("scope", state.scope));
  TRY(object.read("systemScope", state.system_scope));
  TRY(object.read_each("poststart", state.poststart, read_hook));
  TRY(object.read_each("poststop", state.poststop, read_hook));
  return state;
}

}  // namespace

const char* status_name(Status status) {
  return kStatusNames[static_cast<size_t>(status)];
}

std::string encode_state(const State& state) {
  json::Writer out;
  out.begin_object().member("version", kFormat).member("id", state.id);
  out.key("init").begin_object().member("pid", state.init.pid);
  out.member("startTime", state.init.start_time).member("bootId", state.init.boot_id).end_object();
  out.member("bundle", state.bundle).member("rootfs", state.rootfs);
  out.member("created", state.created).member("owner", state.owner);
  out.member("hasProcess", state.has_process).member("terminal", state.terminal);
  out.member("ownPidNamespace", state.own_pid_namespace);
  if (!state.cgroup.empty())
    out.member("cgroup", state.cgroup).member("cgroupMade", state.cgroup_made);
  if (!state.scope.empty())
    out.member("scope", state.scope).member("systemScope", state.system_scope);
  write_annotations(out, state);
  write_hooks(out, "poststart", state.poststart);
  write_hooks(out, "poststop", state.poststop);
  out.end_object();
  return std::move(out).take();
}

Result<State> decode_state(std::string text) {
  const json::Document document = TRY(json::Document::parse(std::move(text), "state.json"));
  const json::Object object = TRY(document.root().as<json::Object>());
  return read_state(object);
}

Status status_of(const Identity& init) {
  const auto facts = facts_of(init);
  return facts ? status_of(*facts) : Status::Stopped;
}

Status status_of(const ProcessFacts& living) {
  return living.never_executed ? Status::Created : Status::Running;
}

std::string hook_state(const State& state, Status status, std::string_view pid) {
  json::Writer out;
  out.begin_object().member("ociVersion", kSpecVersion).member("id", state.id);
  out.member("status", status_name(status)).key("pid").raw(pid).member("bundle", state.bundle);
  write_annotations(out, state);
  out.end_object();
  return std::move(out).take();
}

std::string state_json(const State& state, Status status, std::string_view owner,
                       std::string_view indent) {
  json::Writer out(indent);
  const pid_t pid = status == Status::Stopped ? 0 : state.init.pid;
  out.begin_object().member("ociVersion", kSpecVersion).member("id", state.id);
  out.member("pid", pid).member("status", status_name(status));
  out.member("bundle", state.bundle).member("rootfs", state.rootfs);
  out.member("created", state.created);
  write_annotations(out, state);
  out.member("owner", owner).end_object();
  return std::move(out).take();
}

std::string timestamp_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::array<char, 16> fraction{};
  (void)std::snprintf(fraction.data(), fraction.size(), ".%09ldZ", now.tv_nsec);
  return utc_seconds(now.tv_sec) + fraction.data();
}

}  // namespace wolffia::container
