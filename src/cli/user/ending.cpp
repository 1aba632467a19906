// SPDX-License-Identifier: Apache-2.0
#include "cli/user/ending.hpp"

#include <signal.h>
#include <time.h>

#include "cli/outer_namespace.hpp"
#include "cli/user/tell.hpp"
#include "container/kill.hpp"
#include "container/remove.hpp"
#include "container/resources.hpp"
#include "container/store.hpp"
#include "json/field.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/signal.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kConfigLimit = 16 << 20;
constexpr const char* kStopped = "stopped";
constexpr std::chrono::seconds kDeathPatience{10};

Result<std::string> annotated_signal(const ContainerDir& container) {
  std::string text = TRY(sys::read_file(container.fd, "config.json", kConfigLimit));
  const json::Document document = TRY(json::Document::parse(std::move(text), "config.json"));
  const json::Object spec = TRY(document.root().as<json::Object>());
  json::StringMap annotations;
  TRY(spec.read("annotations", annotations));
  for (const auto& [name, value] : annotations)
    if (name == "org.opencontainers.image.stopSignal") return value;
  return std::string();
}

/// What `identity` names is gone, or was killed here.
void end_runner(const container::Identity& identity) {
  const auto runner = container::open_process(identity);
  if (!runner) return;
  (void)sys::send_signal(runner->pidfd, SIGKILL);
  (void)sys::ended_within(runner->pidfd, kDeathPatience);
}

Result<void> go_on(const Record& record) {
  const container::Store store = TRY(container::Store::open(record.state_root));
  auto resumed = container::resume(store, record.id);
  if (!resumed && resumed.error().is(EINVAL)) return {};  // it ended, or does go on
  return resumed;
}

}  // namespace

int stop_signal(const ContainerDir& container) {
  const auto name = annotated_signal(container);
  const auto number = name && !name->empty() ? sys::parse_signal(*name) : std::nullopt;
  return number.value_or(SIGTERM);
}

bool was_stopped(const ContainerDir& container) {
  return bool(sys::stat_entry(container.fd, kStopped));
}

Result<void> stop(const Known& known, std::chrono::milliseconds patience) {
  TRY(sys::replace_file(known.directory.fd, kStopped, "", sys::Durable::No));
  const auto init = container::open_process(known.init);
  if (!init) return {};  // it has just ended
  const int signal = patience.count() == 0 ? SIGKILL : stop_signal(known.directory);
  (void)sys::send_signal(init->pidfd, signal);
  if (known.paused) TRY(go_on(known.record));  // a signal waits until then, unless it is SIGKILL
  const bool ended = TRY(sys::ended_within(init->pidfd, patience));
  if (ended) return {};
  (void)sys::send_signal(init->pidfd, SIGKILL);
  const bool dead = TRY(sys::ended_within(init->pidfd, kDeathPatience));
  if (dead) return {};
  return Error::because(EBUSY, cat("container ", known.record.id, " does not die"));
}

Result<void> remove_from_runtime(const std::string& state_root, const std::string& id) {
  const container::Store store = TRY(container::Store::open(state_root));
  return container::remove(store, id, container::Force::Yes,
                           [](std::string_view text) { tell(text); });
}

Result<void> clear_runtime(const std::string& state_root, const std::string& id) {
  const container::Store store = TRY(container::Store::open(state_root));
  auto removed =
      container::remove(store, id, container::Force::No, [](std::string_view text) { tell(text); });
  if (!removed && removed.error().is(ENOENT)) return {};
  return removed;
}

Result<void> remove_files(const Containers& containers, const ContainerDir& container,
                          const std::string& name) {
  auto removed = containers.remove(container, name);
  if (removed || !(removed.error().is(EACCES) || removed.error().is(EPERM))) return removed;
  const OuterNamespace outer = TRY(plan_outer_namespace());
  const int status = TRY(run_in_outer_namespace(outer, kName, [&]() -> Result<int> {
    TRY(empty_container(container.fd), container.path);
    return 0;
  }));
  return status == 0 ? containers.remove(container, name) : removed;
}

Result<void> remove_forcibly(const Containers& containers, ContainerDir container) {
  const auto record = load_record(container);
  // First whoever could start it again.
  if (record && record->detached) end_runner(record->runner);
  TRY(remove_from_runtime(record ? record->state_root : std::string(), container.id));
  if (record && !record->detached) end_runner(record->runner);
  return remove_files(containers, container, record ? record->name : std::string());
}

}  // namespace wolffia::cli::user
