// SPDX-License-Identifier: Apache-2.0
#include "cli/user/record.hpp"

#include <algorithm>
#include <array>

#include "base/words.hpp"
#include "container/store.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kRecordLimit = 4 << 20;
constexpr uint32_t kFormat = 1;
constexpr const char* kExit = "exit";
constexpr const char* kUpdated = "updated";

/// Where its program runs, or stands still, or nothing.
std::optional<container::Listing> running(const Record& record) {
  using container::Status;
  const auto store = container::Store::open(record.state_root);
  if (!store) return {};
  auto found = container::inspect(*store, record.id);
  if (!found || (found->status != Status::Running && found->status != Status::Paused)) return {};
  return std::move(found).value();
}

std::vector<std::string> load_updated(const ContainerDir& container) {
  std::vector<std::string> updated;
  const auto text = sys::read_file(container.fd, kUpdated, kRecordLimit);
  if (!text) return updated;  // never
  for (Words lines(*text, '\n'); !lines.empty();)
    updated.emplace_back(lines.next());
  return updated;
}

Result<container::Identity> read_identity(const json::Object& object) {
  container::Identity identity;
  TRY(object.read_integer("pid", identity.pid, 0, INT32_MAX));
  TRY(object.read("startTime", identity.start_time));
  TRY(object.read("bootId", identity.boot_id));
  return identity;
}

}  // namespace

std::string encode_record(const Record& record) {
  json::Writer out(" ");
  out.begin_object().member("format", kFormat).member("id", record.id).member("name", record.name);
  out.member("image", record.image).member("imageId", record.image_id);
  out.member("directory", record.directory).member("command", record.command);
  out.member("words", record.words).member("cwd", record.cwd).member("created", record.created);
  out.member("stateRoot", record.state_root).member("detached", record.detached);
  out.member("networkRestarts", record.network_restarts);
  out.member("networkError", record.network_error);
  out.member("remove", record.remove)
      .member("stopTimeout", record.stop_timeout)
      .key("runner")
      .begin_object();
  out.member("pid", record.runner.pid).member("startTime", record.runner.start_time);
  out.member("bootId", record.runner.boot_id).end_object().key("labels").begin_object();
  for (const auto& [name, value] : record.labels)
    out.member(name, value);
  out.end_object().end_object();
  return std::move(out).take() + "\n";
}

Result<Record> decode_record(std::string text) {
  const json::Document document = TRY(json::Document::parse(std::move(text), kRecord));
  const json::Object object = TRY(document.root().as<json::Object>());
  const uint32_t format = TRY(object.get<uint32_t>("format"));
  if (format != kFormat) return object.invalid("format", "is of another release");
  Record record;
  record.id = TRY(object.get<std::string>("id"));
  record.created = TRY(object.get<std::string>("created"));
  record.state_root = TRY(object.get<std::string>("stateRoot"));
  TRY(object.read("name", record.name));
  TRY(object.read("image", record.image));
  TRY(object.read("imageId", record.image_id));
  TRY(object.read("directory", record.directory));
  TRY(object.read("command", record.command));
  TRY(object.read("words", record.words));
  TRY(object.read("cwd", record.cwd));
  TRY(object.read("detached", record.detached));
  TRY(object.read("remove", record.remove));
  TRY(object.read("stopTimeout", record.stop_timeout));
  TRY(object.read("labels", record.labels));
  TRY(object.read("networkRestarts", record.network_restarts));
  TRY(object.read("networkError", record.network_error));
  const json::Object runner = TRY(object.get<json::Object>("runner"));
  record.runner = TRY(read_identity(runner));
  return record;
}

Result<void> save_record(const ContainerDir& container, const Record& record) {
  return sys::replace_file(container.fd, kRecord, encode_record(record), sys::Durable::No);
}

Result<Record> load_record(const ContainerDir& container) {
  std::string text =
      TRY(sys::read_file(container.fd, kRecord, kRecordLimit), "container ", container.id,
          " has no record, remove it with wolffia rm -f ", container.id);
  Record record = TRY(decode_record(std::move(text)), "container ", container.id,
                      " has a damaged record, remove it with wolffia rm -f ", container.id);
  record.updated = load_updated(container);
  return record;
}

Result<void> save_updated(const ContainerDir& container, const std::vector<std::string>& updated) {
  std::string text;
  for (const std::string& word : updated)
    text += cat(word, "\n");
  return sys::replace_file(container.fd, kUpdated, text, sys::Durable::No);
}

Result<void> save_exit(const ContainerDir& container, const Exit& exit) {
  json::Writer out;
  out.begin_object().member("status", exit.status).member("finished", exit.finished);
  out.member("restarts", exit.restarts).member("error", exit.error);
  out.member("oomKilled", exit.oom_killed).end_object();
  return sys::replace_file(container.fd, kExit, std::move(out).take(), sys::Durable::No);
}

std::optional<Exit> load_exit(const ContainerDir& container) {
  const auto read = [&]() -> Result<Exit> {
    std::string text = TRY(sys::read_file(container.fd, kExit, kRecordLimit));
    const json::Document document = TRY(json::Document::parse(std::move(text), kExit));
    const json::Object object = TRY(document.root().as<json::Object>());
    Exit exit;
    exit.status = static_cast<int>(TRY(object.get_integer("status", 0, 255)));
    TRY(object.read("finished", exit.finished));
    TRY(object.read("restarts", exit.restarts));
    TRY(object.read("error", exit.error));
    TRY(object.read("oomKilled", exit.oom_killed));
    return exit;
  }();
  if (!read) return {};
  return *read;
}

const char* status_name(const Known& known) {
  constexpr std::array kNames{"starting", "running", "exited", "dead"};
  return known.paused ? "paused" : kNames[static_cast<size_t>(known.phase)];
}

Result<Known> examine(ContainerDir directory) {
  Known known;
  known.record = TRY(load_record(directory));
  known.exit = load_exit(directory);
  known.directory = std::move(directory);
  if (!known.exit) {
    if (const auto found = running(known.record)) {
      known.phase = Phase::Running;
      known.init = found->state.init;
      known.paused = found->status == container::Status::Paused;
    } else if (container::facts_of(known.record.runner)) {
      known.phase = Phase::Starting;
    } else {
      known.exit = load_exit(known.directory);  // the runner's last deed: written since we looked
    }
  }
  if (known.exit) known.phase = Phase::Exited;
  return known;
}

Result<std::vector<Known>> examine_all(const Containers& containers) {
  std::vector<Known> all;
  for (const std::string& id : TRY(containers.ids())) {
    auto directory = containers.find(id);
    if (!directory) continue;  // removed meanwhile
    auto known = examine(std::move(directory).value());
    if (known) all.push_back(std::move(known).value());
  }
  std::stable_sort(all.begin(), all.end(), [](const Known& a, const Known& b) {
    return a.record.created < b.record.created;
  });
  return all;
}

}  // namespace wolffia::cli::user
