// SPDX-License-Identifier: Apache-2.0
#include "scope/manager.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "base/words.hpp"

namespace wolffia::scope {
namespace {

using std::chrono::steady_clock;

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnitExists = "org.freedesktop.systemd1.UnitExists";
constexpr std::chrono::seconds kStartPatience{60};
constexpr std::chrono::seconds kEndPatience{5};

struct Unref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, Unref>;

struct Failure {
  sd_bus_error error{};
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { sd_bus_error_free(&error); }
  std::string text(int code) const {
    return error.message ? std::string(error.message) : std::string(::strerror(-code));
  }
};

Result<void> check(int code, std::string_view what) {
  if (code >= 0) return {};
  return Error::because(-code, cat(what, ": ", ::strerror(-code)));
}

Result<Message> new_call(sd_bus* bus, const char* method) {
  sd_bus_message* message = nullptr;
  TRY(check(sd_bus_message_new_method_call(bus, &message, kService, kPath, kInterface, method),
            method));
  return Message(message);
}

/// The numbers of D-Bus, as sd_bus_message_append_basic() reads them.
template <class Number>
int append_number(sd_bus_message* message, char type, const std::string& word) {
  Number number{};
  (void)read_number(word, number);  // parse_value() has checked it
  return sd_bus_message_append_basic(message, type, &number);
}

int append_word(sd_bus_message* message, char type, const std::string& word) {
  const int truth = word == "true" ? 1 : 0;
  switch (type) {
    case 'b':
      return sd_bus_message_append_basic(message, type, &truth);
    case 'y':
      return append_number<uint8_t>(message, type, word);
    case 'n':
      return append_number<int16_t>(message, type, word);
    case 'q':
      return append_number<uint16_t>(message, type, word);
    case 'i':
      return append_number<int32_t>(message, type, word);
    case 'u':
      return append_number<uint32_t>(message, type, word);
    case 'x':
      return append_number<int64_t>(message, type, word);
    case 't':
      return append_number<uint64_t>(message, type, word);
    case 'd':
      return append_number<double>(message, type, word);
    default:
      return sd_bus_message_append_basic(message, type, word.c_str());
  }
}

Result<void> append_property(sd_bus_message* message, const Property& property) {
  const auto& [name, value] = property;
  const std::string signature = value.signature();
  const std::string element(1, value.type);
  int code = sd_bus_message_open_container(message, 'r', "sv");
  if (code >= 0) code = sd_bus_message_append_basic(message, 's', name.c_str());
  if (code >= 0) code = sd_bus_message_open_container(message, 'v', signature.c_str());
  if (code >= 0 && value.array) code = sd_bus_message_open_container(message, 'a', element.c_str());
  for (const std::string& word : value.words)
    if (code >= 0) code = append_word(message, value.type, word);
  if (code >= 0 && value.array) code = sd_bus_message_close_container(message);
  if (code >= 0) code = sd_bus_message_close_container(message);
  if (code >= 0) code = sd_bus_message_close_container(message);
  return check(code, cat("property ", name));
}

Result<void> append_properties(sd_bus_message* message, std::span<const Property> properties) {
  TRY(check(sd_bus_message_open_container(message, 'a', "(sv)"), "properties"));
  for (const Property& property : properties)
    TRY(append_property(message, property));
  return check(sd_bus_message_close_container(message), "properties");
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// What is waited for: the end of one job, which may come before we know which it is.
struct Job {
  std::string scope;
  std::string result;  // empty: not yet
};

int job_removed(sd_bus_message* message, void* data, sd_bus_error* /*unused*/) {
  auto* job = static_cast<Job*>(data);
  uint32_t id = 0;
  const char *path = nullptr, *unit = nullptr, *result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0 && job->scope == unit)
    job->result = result;
  return 0;
}

int unit_removed(sd_bus_message* message, void* data, sd_bus_error* /*unused*/) {
  auto* unit = static_cast<Job*>(data);
  const char *name = nullptr, *path = nullptr;
  if (sd_bus_message_read(message, "so", &name, &path) >= 0 && unit->scope == name)
    unit->result = "removed";
  return 0;
}

/// Reads messages until `job` has a result. Errors: ETIMEDOUT.
Result<void> await(sd_bus* bus, const Job& job, steady_clock::duration patience) {
  const auto until = steady_clock::now() + patience;
  while (job.result.empty()) {
    const int processed = sd_bus_process(bus, nullptr);
    TRY(check(processed, "reading what systemd says"));
    if (processed > 0) continue;
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(until - steady_clock::now());
    if (left.count() <= 0) return Error::because(ETIMEDOUT, "systemd does not answer in time");
    TRY(check(sd_bus_wait(bus, static_cast<uint64_t>(left.count())), "waiting for systemd"));
  }
  return {};
}

}  // namespace

Result<Manager> Manager::over_own_socket(Instance instance) {
  std::string directory = instance == Instance::System ? "/run" : environment("XDG_RUNTIME_DIR");
  if (directory.empty()) directory = cat("/run/user/", ::getuid());
  const std::string address = cat("unix:path=", directory, "/systemd/private");
  sd_bus* bus = nullptr;
  TRY(check(sd_bus_new(&bus), "bus"));
  Manager manager(bus);
  TRY(check(sd_bus_set_address(bus, address.c_str()), address));
  TRY(check(sd_bus_start(bus), address));
  return manager;
}

Result<Manager> Manager::connect(Instance instance) {
  sd_bus* bus = nullptr;
  const int code = instance == Instance::System ? sd_bus_open_system(&bus) : sd_bus_open_user(&bus);
  if (code >= 0) return Manager(bus);
  auto direct = over_own_socket(instance);
  if (direct) return direct;
  return Error::because(
      ENOTCONN, cat("no systemd of ", instance == Instance::System ? "the machine" : "yours",
                    " can be reached, neither over its bus (", ::strerror(-code),
                    ") nor directly (", direct.error().message(), ")"));
}

Result<void> Manager::watch(const char* signal, sd_bus_message_handler_t handler, void* data) {
  return check(
      sd_bus_match_signal(bus_.get(), nullptr, nullptr, kPath, kInterface, signal, handler, data),
      signal);
}

Result<void> Manager::try_start(const std::string& name, pid_t pid,
                                std::span<const Property> properties) {
  const Message call = TRY(new_call(bus_.get(), "StartTransientUnit"));
  TRY(check(sd_bus_message_append(call.get(), "ss", name.c_str(), "fail"), "name"));
  std::vector<Property> all(properties.begin(), properties.end());
  all.emplace_back("PIDs", Value{.type = 'u', .array = true, .words = {cat(pid)}});
  TRY(append_properties(call.get(), all));
  TRY(check(sd_bus_message_append(call.get(), "a(sa(sv))", 0), "auxiliary units"));
  Failure failure;
  const int code = sd_bus_call(bus_.get(), call.get(), 0, &failure.error, nullptr);
  if (code >= 0) return {};
  const bool exists = sd_bus_error_has_name(&failure.error, kUnitExists) > 0;
  return Error::because(exists ? EEXIST : -code,
                        cat("systemd refuses the scope ", name, ": ", failure.text(code)));
}

/// The unit goes a moment after the last of its processes; one that failed only when told to.
Result<void> Manager::await_end_of(const std::string& name) {
  Job unit{.scope = name, .result = {}};
  sd_bus_slot* slot = nullptr;
  TRY(check(sd_bus_match_signal(bus_.get(), &slot, nullptr, kPath, kInterface, "UnitRemoved",
                                unit_removed, &unit),
            "UnitRemoved"));
  const std::unique_ptr<sd_bus_slot, decltype(&sd_bus_slot_unref)> held(slot, sd_bus_slot_unref);
  (void)sd_bus_call_method(bus_.get(), kService, kPath, kInterface, "Subscribe", nullptr, nullptr,
                           "");
  (void)sd_bus_call_method(bus_.get(), kService, kPath, kInterface, "ResetFailedUnit", nullptr,
                           nullptr, "s", name.c_str());
  Message reply;
  sd_bus_message* found = nullptr;
  const int there = sd_bus_call_method(bus_.get(), kService, kPath, kInterface, "GetUnit", nullptr,
                                       &found, "s", name.c_str());
  reply.reset(found);
  if (there < 0) return {};  // it has gone
  return await(bus_.get(), unit, kEndPatience);
}

Result<void> Manager::start(const std::string& name, pid_t pid,
                            std::span<const Property> properties) {
  Job job{.scope = name, .result = {}};
  TRY(watch("JobRemoved", job_removed, &job));
  auto started = try_start(name, pid, properties);
  if (!started && started.error().is(EEXIST) && await_end_of(name))
    started = try_start(name, pid, properties);
  TRY(std::move(started));
  TRY(await(bus_.get(), job, kStartPatience), "the scope ", name);
  if (job.result == "done") return {};
  return Error::because(EIO, cat("systemd did not start the scope ", name, ": ", job.result));
}

Result<void> Manager::set(const std::string& name, std::span<const Property> properties) {
  const Message call = TRY(new_call(bus_.get(), "SetUnitProperties"));
  TRY(check(sd_bus_message_append(call.get(), "sb", name.c_str(), 1), "name"));
  TRY(append_properties(call.get(), properties));
  Failure failure;
  const int code = sd_bus_call(bus_.get(), call.get(), 0, &failure.error, nullptr);
  if (code >= 0) return {};
  return Error::because(-code, cat("systemd does not change ", name, ": ", failure.text(code)));
}

Result<void> Manager::attach(const std::string& name, const std::string& below, pid_t pid) {
  const Message call = TRY(new_call(bus_.get(), "AttachProcessesToUnit"));
  TRY(check(sd_bus_message_append(call.get(), "ssau", name.c_str(), below.c_str(), 1,
                                  static_cast<uint32_t>(pid)),
            "processes"));
  Failure failure;
  const int code = sd_bus_call(bus_.get(), call.get(), 0, &failure.error, nullptr);
  if (code >= 0) return {};
  return Error::because(
      -code, cat("systemd does not move a process into ", name, ": ", failure.text(code)));
}

}  // namespace wolffia::scope
