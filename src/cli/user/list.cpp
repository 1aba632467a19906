// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "json/writer.hpp"

/// ps and inspect.
namespace wolffia::cli::user {
namespace {

/// "label=NAME" or "label=NAME=VALUE".
Result<bool> passes(const Record& record, const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    constexpr std::string_view kLabelFilter = "label=";
    if (!filter.starts_with(kLabelFilter))
      return Error::because(EINVAL, cat("--filter takes label=NAME[=VALUE], not ", filter));
    const std::string wanted = filter.substr(kLabelFilter.size());
    const bool has = std::any_of(record.labels.begin(), record.labels.end(), [&](const auto& one) {
      return one.first == wanted || cat(one.first, "=", one.second) == wanted;
    });
    if (!has) return false;
  }
  return true;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += cat(out.empty() ? "" : " ", word);
  constexpr size_t kWidest = 40;
  return out.size() <= kWidest ? out : out.substr(0, kWidest - 3) + "...";
}

std::string status_text(const Known& known) {
  if (known.phase == Phase::Exited) return cat("exited (", known.exit->status, ")");
  return phase_name(known.phase);
}

/// The schema of `ps --json`: wolffia(1), "JSON".
void write_known(json::Writer& out, const Known& known) {
  const Record& record = known.record;
  out.begin_object().member("id", record.id).member("name", record.name);
  out.member("image", record.image).member("imageId", record.image_id);
  out.member("directory", record.directory).member("command", record.command);
  out.member("created", record.created).member("status", phase_name(known.phase));
  out.member("pid", known.phase == Phase::Running ? known.init.pid : 0);
  out.key("exitCode");
  if (known.exit)
    out.value(known.exit->status);
  else
    out.null();
  out.member("restarts", known.exit ? known.exit->restarts : 0U);
  out.member("detached", record.detached).key("labels").begin_object();
  for (const auto& [name, value] : record.labels)
    out.member(name, value);
  out.end_object();
}

bool is_live(const Known& known) {
  return known.phase == Phase::Running || known.phase == Phase::Starting;
}

std::string as_json(const std::vector<Known>& containers) {
  json::Writer out("  ");
  out.begin_array();
  for (const Known& known : containers) {
    write_known(out, known);
    out.end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

std::string as_table(const std::vector<Known>& containers) {
  std::vector<std::vector<std::string>> rows{
      {"CONTAINER", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAME"}};
  for (const Known& known : containers) {
    const Record& record = known.record;
    rows.push_back({record.id, record.image.empty() ? record.directory : record.image,
                    joined(record.command), how_long_ago(record.created), status_text(known),
                    record.name});
  }
  return table(rows);
}

std::string as_ids(const std::vector<Known>& containers) {
  std::string out;
  for (const Known& known : containers)
    out += cat(known.record.id, "\n");
  return out;
}

}  // namespace

Result<int> run_ps(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  std::vector<Known> shown;
  for (Known& known : TRY(examine_all(session.containers))) {
    const bool wanted = arguments.has(kAll) || is_live(known);
    if (wanted && TRY(passes(known.record, arguments.list(kFilter))))
      shown.push_back(std::move(known));
  }
  const std::string text = arguments.has(kJson)    ? as_json(shown)
                           : arguments.has(kQuiet) ? as_ids(shown)
                                                   : as_table(shown);
  TRY(print(text));
  return 0;
}

Result<int> run_inspect(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  json::Writer out("  ");
  write_known(out, known);
  out.member("cwd", known.record.cwd).member("words", known.record.words);
  out.member("stateRoot", known.record.state_root).member("path", known.directory.path);
  out.member("finished", known.exit ? known.exit->finished : std::string());
  out.member("error", known.exit ? known.exit->error : std::string());
  out.end_object();
  TRY(print(std::move(out).take() + "\n"));
  return 0;
}

}  // namespace wolffia::cli::user
