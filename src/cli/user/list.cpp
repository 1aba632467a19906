// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/quote.hpp"
#include "cli/image_json.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/output.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/filters.hpp"
#include "cli/user/images.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "cli/user/tell.hpp"
#include "image/find.hpp"
#include "json/writer.hpp"

/// ps and inspect.
namespace wolffia::cli::user {
namespace {

std::string joined(const std::vector<std::string>& words, bool whole) {
  std::string out;
  for (const std::string& word : words)
    out += cat(out.empty() ? "" : " ", word);
  constexpr size_t kWidest = 40;
  return whole || out.size() <= kWidest ? out : out.substr(0, kWidest - 3) + "...";
}

std::string status_text(const Known& known) {
  if (known.phase == Phase::Exited)
    return cat("exited (", known.exit->status, known.exit->oom_killed ? ", out of memory)" : ")");
  return status_name(known);
}

/// The schema of `ps --json`: wolffia(1), "JSON".
void write_known(json::Writer& out, const Known& known) {
  const Record& record = known.record;
  out.begin_object().member("id", record.id).member("name", record.name);
  out.member("image", record.image).member("imageId", record.image_id);
  out.member("directory", record.directory).member("command", record.command);
  out.member("created", record.created).member("status", status_name(known));
  out.member("pid", known.phase == Phase::Running ? known.init.pid : 0);
  out.key("exitCode");
  if (known.exit)
    out.value(known.exit->status);
  else
    out.null();
  out.member("oomKilled", known.exit && known.exit->oom_killed);
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

std::string as_table(const std::vector<Known>& containers, bool whole) {
  std::vector<std::vector<std::string>> rows{
      {"CONTAINER", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAME"}};
  for (const Known& known : containers) {
    const Record& record = known.record;
    rows.push_back({record.id, record.image.empty() ? record.directory : record.image,
                    joined(record.command, whole), how_long_ago(record.created), status_text(known),
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

/// What every command takes for them.
std::string as_names(const std::vector<Known>& containers) {
  std::string out;
  for (const Known& known : containers)
    out += cat(known.record.name.empty() ? known.record.id : known.record.name, "\n");
  return out;
}

}  // namespace

Result<int> run_ps(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::vector<std::string> filters = arguments.list(kFilter);
  TRY(check_container_filters(filters));
  const size_t last = TRY(arguments.number(kLast, arguments.has(kLatest) ? 1 : 0, UINT32_MAX));
  const bool few = arguments.has(kLatest) || arguments.has(kLast);
  const bool all = arguments.has(kAll) || few || ask_for_ended(filters);
  std::vector<Known> shown;
  for (Known& known : TRY(examine_all(session.containers))) {
    const bool wanted = TRY(passes(known, filters));
    if (wanted && (all || is_live(known))) shown.push_back(std::move(known));
  }
  if (few && shown.size() > last)
    shown.erase(shown.begin(), shown.end() - static_cast<ptrdiff_t>(last));
  const std::string text = arguments.has(kJson)    ? as_json(shown)
                           : arguments.has(kQuiet) ? as_ids(shown)
                           : arguments.has(kNames) ? as_names(shown)
                                                   : as_table(shown, arguments.has(kNoTrunc));
  TRY(print(text));
  return 0;
}

namespace {

std::string describe(const Known& known) {
  json::Writer out("  ");
  write_known(out, known);
  out.member("cwd", known.record.cwd).member("words", known.record.words);
  out.member("updated", known.record.updated);
  out.member("stateRoot", known.record.state_root).member("path", known.directory.path);
  out.member("finished", known.exit ? known.exit->finished : std::string());
  out.member("error", known.exit ? known.exit->error : std::string());
  out.member("networkRestarts", known.record.network_restarts);
  out.member("networkError", known.record.network_error);
  out.end_object();
  return std::move(out).take() + "\n";
}

/// The schema of `inspect IMAGE`: wolffia(1).
std::string describe(const image::StoredImage& image, const std::vector<std::string>& names) {
  const oci::ImageConfig& config = image.config;
  json::Writer out("  ");
  out.begin_object().member("id", image.manifest.text()).member("references", names);
  out.member("created", config.created).member("size", image.size);
  out.member("os", config.platform.os).member("architecture", config.platform.architecture);
  out.member("variant", config.platform.variant).key("config");
  write_image_config(out, config);
  out.key("layers").begin_array();
  for (const oci::Digest& layer : config.diff_ids)
    out.value(layer.text());
  out.end_array().end_object();
  return std::move(out).take() + "\n";
}

Result<std::string> describe_image(const Session& session, const std::string& word) {
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  const auto found =
      TRY(image::find_image(session.store, word, image::owners_of(outer.uids, outer.gids)));
  if (!found)
    return Error::because(ENOENT, cat("there is no container and no image ", quoted_if_needed(word),
                                      ": see wolffia ps -a and wolffia images"));
  std::vector<std::string> names;
  for (const image::Tagged& tagged : TRY(session.store.list()))
    if (tagged.manifest == found->image.manifest && !tagged.reference.empty())
      names.push_back(tagged.reference);
  return describe(found->image, names);
}

Result<std::string> describe_either(const Session& session, const std::string& word) {
  auto directory = session.containers.find(word);
  if (directory) return describe(TRY(examine(std::move(directory).value())));
  if (!directory.error().is(ENOENT)) return std::move(directory).error();
  return describe_image(session, word);
}

}  // namespace

Result<int> run_inspect(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  int status = 0;
  for (const std::string_view word : arguments.positionals()) {
    const auto text = describe_either(session, std::string(word));
    if (text) TRY(print(*text));
    if (text) continue;
    complain(text.error());
    status = 125;
  }
  return status;
}

}  // namespace wolffia::cli::user
