// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/report.hpp"

#include "base/quote.hpp"
#include "base/version.hpp"
#include "cli/user/doctor/causes.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::user::doctor {
namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::Works:
      return "works";
    case Severity::Degraded:
      return "degraded";
    case Severity::Blocked:
      break;
  }
  return "blocked";
}

void append_row(std::string& out, std::string_view name, std::string_view words) {
  out += cat("  ", name, std::string(10 - name.size(), ' '), words, "\n");
}

std::string ids_words(const Facts& facts, uint64_t ids) {
  if (ids <= 1) return "one: root inside is you";
  if (facts.user.how != plan::UserNamespacePlan::How::New) return "those you have: you are root";
  return cat(ids, ": root inside is you, the others are your subordinate ids");
}

std::string store_words(const Place& store) {
  if (store.path.empty()) return "no place for it";
  std::string words = printable(store.path);
  if (store.answered && store.space.total_bytes > 0)
    words += cat(", ", size_words(store.space.free_bytes), " free");
  return words;
}

std::string_view images_words(std::string_view way) {
  if (way == "overlay") return "under the kernel's overlay";
  return way == "fuse" ? "under wolffia-overlay" : "copied for each container";
}

void append_modes(std::string& out, const Facts& facts, const Modes& modes) {
  append_row(out, "ids", ids_words(facts, modes.ids));
  append_row(out, "images", images_words(modes.images));
  append_row(out, "store", store_words(facts.store));
  append_row(out, "network",
             !modes.own_network ? "host"
             : modes.connected  ? "slirp, none or host"
                                : "none or host");
  append_row(out, "limits",
             facts.cgroups.keeps_limits
                 ? "by a cgroup, all processes together"
                 : "by rlimit, each process by itself, where that can be done");
}

void append_finding(std::string& out, const Finding& finding) {
  out += cat("\n", finding.id, ": ", printable(finding.cause), "\n");
  append_row(out, "fix", printable(finding.fix));
  append_row(out, "now", printable(finding.now));
  if (!finding.file) return;
  out += cat("  ", finding.file->path, " is then:\n");
  std::string_view text = finding.file->text;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out += cat("    ", printable(text.substr(0, end)), "\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void write_works(json::Writer& out, const Facts& facts, const Modes& modes) {
  out.key("works").begin_object();
  out.member("ids", modes.ids).member("images", modes.images);
  out.member("proc", modes.own_proc ? "own" : "outer");
  out.key("network").begin_array();
  if (modes.own_network && modes.connected) out.value("slirp");
  if (modes.own_network) out.value("none");
  out.value("host").end_array();
  out.member("limits", facts.cgroups.keeps_limits ? "cgroup" : "rlimit").end_object();
  out.key("store").begin_object().member("path", facts.store.path).key("freeBytes");
  const bool known = facts.store.answered && facts.store.space.total_bytes > 0;
  known ? out.value(facts.store.space.free_bytes) : out.null();
  out.end_object();
}

void write_finding(json::Writer& out, const Finding& finding) {
  out.begin_object().member("id", finding.id).member("severity", name_of(finding.severity));
  out.member("cause", finding.cause).member("fix", finding.fix).member("now", finding.now);
  out.key("file");
  if (finding.file)
    out.begin_object()
        .member("path", finding.file->path)
        .member("text", finding.file->text)
        .end_object();
  else
    out.null();
  out.end_object();
}

}  // namespace

Modes modes_of(const Facts& facts, std::span<const Finding> findings) {
  Modes modes;
  modes.runs = can_run(findings);
  modes.ids = ids_inside(facts);
  modes.images = has_overlay(facts) ? "overlay" : has_union(facts) ? "fuse" : "copy";
  modes.own_proc = facts.trials.works(Step::Proc);
  modes.own_network = facts.trials.works(Step::NetNamespace);
  modes.connected = facts.environment.has_tun;
  return modes;
}

std::string describe(const Facts& facts, std::span<const Finding> findings) {
  const Modes modes = modes_of(facts, findings);
  std::string out = modes.runs ? "Containers run here:\n" : "No container can run here yet.\n";
  if (modes.runs) append_modes(out, facts, modes);
  for (const Finding& finding : findings)
    if (finding.severity != Severity::Works) append_finding(out, finding);
  bool first = true;
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::Works) continue;
    if (first) out += "\nNot needed for that, but noticed:\n";
    first = false;
    append_finding(out, finding);
  }
  return out;
}

std::string to_json(const Facts& facts, std::span<const Finding> findings) {
  const Modes modes = modes_of(facts, findings);
  json::Writer out("  ");
  out.begin_object().member("schema", 1).member("version", kVersion);
  out.member("canRun", modes.runs);
  write_works(out, facts, modes);
  out.key("findings").begin_array();
  for (const Finding& finding : findings)
    write_finding(out, finding);
  out.end_array().key("checked").begin_array();
  for (const Check& check : checks())
    out.value(check.id);
  out.end_array().end_object();
  return std::move(out).take() + "\n";
}

}  // namespace wolffia::cli::user::doctor
