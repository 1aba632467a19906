// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/quote.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/output.hpp"
#include "cli/settle.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/abandoned.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/ending.hpp"
#include "cli/user/filters.hpp"
#include "cli/user/images.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/scratch.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "cli/user/tell.hpp"
#include "image/gc.hpp"
#include "json/writer.hpp"
#include "sys/credentials.hpp"

/// images, history, tag, rmi and gc.
namespace wolffia::cli::user {
namespace {

constexpr size_t kShownDigits = 12;

/// One image with all its names.
struct Row {
  std::string reference;  // empty: it has none
  oci::Digest manifest;
  std::string created;
  std::optional<uint64_t> size;  // nullopt: unpacked for other ids only
};

std::string owners_here(const OuterNamespace& outer) {
  return image::owners_of(outer.uids, outer.gids);
}

Result<std::vector<Row>> rows_of(const image::Store& store,
                                 const std::vector<std::string>& filters) {
  const OuterNamespace outer = TRY(plan_store_namespace(store.directory(), kName));
  std::vector<Row> rows;
  for (image::Tagged& tagged : TRY(store.list())) {
    const bool wanted = TRY(passes(tagged, filters));
    if (!wanted) continue;
    Row row{std::move(tagged.reference), std::move(tagged.manifest), {}, {}};
    const auto found = store.find_id(row.manifest.text(), owners_here(outer));
    if (found && *found) {
      row.created = (*found)->config.created;
      row.size = (*found)->size;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string as_json(const std::vector<Row>& rows) {
  json::Writer out("  ");
  out.begin_array();
  for (const Row& row : rows) {
    out.begin_object().member("reference", row.reference).member("id", row.manifest.text());
    out.member("created", row.created).key("size");
    if (row.size)
      out.value(*row.size);
    else
      out.null();
    out.end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

std::string id_of(const Row& row, bool whole) {
  return whole ? row.manifest.text() : std::string(row.manifest.hex().substr(0, kShownDigits));
}

std::string as_table(const std::vector<Row>& rows, bool whole) {
  std::vector<std::vector<std::string>> cells{{"IMAGE", "ID", "CREATED", "SIZE"}};
  for (const Row& row : rows)
    cells.push_back({row.reference.empty() ? "-" : row.reference, id_of(row, whole),
                     row.created.empty() ? "-" : how_long_ago(row.created),
                     row.size ? readable_size(*row.size) : "-"});
  return table(cells);
}

std::string as_ids(const std::vector<Row>& rows, bool whole) {
  std::string out;
  for (const Row& row : rows)
    out += cat(id_of(row, whole), "\n");
  return out;
}

/// Each name whole, and short where that means the same.
std::string as_names(const std::vector<Row>& rows) {
  std::set<std::string> names;
  for (const Row& row : rows)
    if (!row.reference.empty()) names.insert(row.reference);
  std::string out;
  for (const std::string& name : names) {
    out += cat(name, "\n");
    const std::string brief = image::short_name(name);
    const auto meant = image::full_names(brief);
    const auto first = std::find_if(meant.begin(), meant.end(), [&](const std::string& candidate) {
      return names.contains(candidate);
    });
    if (brief != name && first != meant.end() && *first == name) out += cat(brief, "\n");
  }
  return out;
}

Result<FoundImage> image_named(const image::Store& store, const OuterNamespace& outer,
                               std::string_view name) {
  auto found = TRY(find_image(store, std::string(name), owners_here(outer)));
  if (found) return *std::move(found);
  return image::missing_image(store, std::string(name));
}

/// Files of subordinate ids only their namespace can remove.
Result<int> in_namespace(const OuterNamespace& outer,
                         const std::function<Result<image::Freed>()>& remove) {
  return run_in_outer_namespace(outer, kName, [&]() -> Result<int> {
    const image::Freed freed = TRY(remove());
    for (const std::string& left : freed.left)
      tell(left);
    const std::string leftovers =
        freed.leftovers == 0 ? ""
                             : cat(counted(freed.leftovers, "leftover"), " of what was killed, ");
    TRY(print(cat("freed: ", counted(freed.images, "image"), ", ", counted(freed.layers, "layer"),
                  ", ", leftovers, readable_size(freed.bytes), "\n")));
    return 0;
  });
}

Result<size_t> names_of(const image::Store& store, const oci::Digest& manifest) {
  const std::vector<image::Tagged> all = TRY(store.list());
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const image::Tagged& one) {
    return one.manifest == manifest && !one.reference.empty();
  }));
}

/// --force: the containers that keep the image go first.
Result<void> remove_users(const Containers& containers, const oci::Digest& manifest) {
  for (Known& known : TRY(examine_all(containers)))
    if (known.record.image_id == manifest.text())
      TRY(remove_forcibly(containers, std::move(known.directory)));
  return {};
}

/// A name of several is only taken away.
Result<int> remove_one(const Session& session, const OuterNamespace& outer, std::string_view name,
                       bool force) {
  const image::Store& store = session.store;
  const FoundImage found = TRY(image_named(store, outer, name));
  const size_t names = TRY(names_of(store, found.image.manifest));
  if (!found.reference.empty() && names > 1) {
    TRY(store.untag(TRY(image::parse_reference(found.reference))));
    TRY(print(cat("untagged: ", found.reference, "\n")));
    return 0;
  }
  if (force) TRY(remove_users(session.containers, found.image.manifest));
  return in_namespace(outer, [&] {
    return image::remove_image(store, found.image.manifest, quoted_if_needed(name));
  });
}

/// The words of the command line; with --all the id of each image.
Result<std::vector<std::string>> named_images(const image::Store& store,
                                              const Arguments& arguments) {
  const auto words = arguments.positionals();
  if (arguments.has(kEveryImage) && !words.empty())
    return Error::because(EINVAL, cat("rmi takes --all or images, not both: ", quoted(words[0])));
  if (!arguments.has(kEveryImage) && words.empty())
    return Error::because(EINVAL, "rmi needs the name or id of an image, or --all");
  if (!arguments.has(kEveryImage)) return std::vector<std::string>(words.begin(), words.end());
  std::set<std::string> ids;
  for (const image::Tagged& tagged : TRY(store.list()))
    if (!tagged.read_only) ids.insert(tagged.manifest.text());
  return std::vector<std::string>(ids.begin(), ids.end());
}

}  // namespace

Result<int> run_images(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  std::vector<std::string> filters = arguments.list(kFilterImages);
  for (const std::string_view name : arguments.positionals())
    filters.push_back(cat("reference=", name));
  TRY(check_image_filters(filters));
  const std::vector<Row> rows = TRY(rows_of(session.store, filters));
  const bool whole = arguments.has(kNoTruncImages);
  TRY(print(arguments.has(kJson)         ? as_json(rows)
            : arguments.has(kQuiet)      ? as_ids(rows, whole)
            : arguments.has(kImageNames) ? as_names(rows)
                                         : as_table(rows, whole)));
  return 0;
}

Result<int> run_history(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  const FoundImage found = TRY(image_named(session.store, outer, arguments.positionals()[0]));
  json::Writer out("  ");
  std::vector<std::vector<std::string>> cells{{"CREATED", "LAYER", "CREATED BY", "COMMENT"}};
  out.begin_array();
  for (const oci::History& step : found.image.config.history) {
    cells.push_back({step.created.empty() ? "-" : how_long_ago(step.created),
                     step.empty_layer ? "no" : "yes", step.created_by, step.comment});
    out.begin_object().member("created", step.created).member("createdBy", step.created_by);
    out.member("comment", step.comment).member("emptyLayer", step.empty_layer).end_object();
  }
  out.end_array();
  TRY(print(arguments.has(kJson) ? std::move(out).take() + "\n" : table(cells)));
  return 0;
}

Result<int> run_tag(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  const auto words = arguments.positionals();
  const FoundImage found = TRY(image_named(session.store, outer, words[0]));
  const std::string name = cat(image::has_host(words[1]) ? "" : "localhost/", words[1]);
  TRY(session.store.tag(TRY(image::parse_reference(name)), found.image.manifest));
  return 0;
}

Result<int> run_rmi(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  int status = 0;
  const bool force = arguments.has(kForceImage);
  for (const std::string& name : TRY(named_images(session.store, arguments))) {
    const auto removed = remove_one(session, outer, name, force);
    if (!removed && force && removed.error().is(ENOENT)) continue;
    if (!removed) complain(removed.error());
    if (!removed || *removed != 0) status = 125;
  }
  return status;
}

Result<int> run_gc(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  const std::vector<std::string> scratch = scratch_places(sys::effective_uid());
  const int status = TRY(in_namespace(outer, [&]() -> Result<image::Freed> {
    Abandoned abandoned = TRY(remove_abandoned(session.containers));  // they may have images
    sweep_scratch(scratch);
    image::Freed freed = TRY(image::collect(session.store));
    freed.leftovers += abandoned.removed;
    for (std::string& left : abandoned.left)
      freed.left.push_back(std::move(left));
    return freed;
  }));
  TRY(settle_images(session.store, Settling::Soon));  // who was to do it may have been killed
  return status;
}

}  // namespace wolffia::cli::user
