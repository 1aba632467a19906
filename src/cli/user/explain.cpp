// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/attempt.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/ending.hpp"
#include "cli/user/facts.hpp"
#include "cli/user/groups.hpp"
#include "cli/user/images.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/network.hpp"
#include "cli/user/recorded.hpp"
#include "cli/user/scratch.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "cli/user/tell.hpp"
#include "json/writer.hpp"
#include "launch/programs.hpp"
#include "oci/parse_runtime.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/session.hpp"

/// explain: why a container is, or would be, as it is.
namespace wolffia::cli::user {
namespace {

constexpr size_t kConfigLimit = 16 << 20;

/// The schema of `explain --json`: wolffia(1).
std::string as_json(const std::vector<Fact>& facts) {
  json::Writer out("  ");
  out.begin_array();
  for (const Fact& fact : facts) {
    out.begin_object().member("kind", fact.kind).member("what", fact.what);
    out.member("reason", fact.reason).end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

std::string as_table(const std::vector<Fact>& facts) {
  std::vector<std::vector<std::string>> rows{{"KIND", "BECAUSE", "WHAT"}};
  for (const Fact& fact : facts)
    rows.push_back({fact.kind, fact.reason, fact.what});
  return table(rows);
}

Result<void> show(const Arguments& arguments, const Explained& explained) {
  const std::vector<Fact> facts = TRY(facts_of(explained));
  return print(arguments.has(kJson) ? as_json(facts) : as_table(facts));
}

/// Where the root file system comes from.
Fact storage_of(const Assembly& assembly, const PreparedRoot& root) {
  const RunRequest& request = assembly.request;
  if (request.kind == RootKind::File)
    return {"storage", cat("a union mount of wolffia-overlay above ", request.directory),
            root.readonly ? "--read-only: nothing is written to it"
                          : "default: what changes lies in a layer of its own"};
  if (!assembly.image) return {"storage", root.path, "the directory itself"};
  if (root.storage == Storage::Copy)
    return {"storage", "a copy of the image's layers",
            root.notice.empty() ? "--storage copy" : root.notice};
  if (root.readonly && assembly.image->image.layers.size() == 1)
    return {"storage", "the image's only layer", "--read-only: nothing is written to it"};
  const bool by_kernel = root.storage == Storage::Overlay;
  return {"storage",
          cat(by_kernel ? "the kernel's overlay" : "a union mount of wolffia-overlay", " of ",
              assembly.image->image.layers.size(), " layers"),
          root.notice.empty() ? "default: what changes lies in a layer of its own" : root.notice};
}

/// Everything is made as for a run, looked at, and removed again.
Result<int> explain_run(const Arguments& arguments) {
  RunRequest request = TRY(make_request(arguments));
  if (request.kind == RootKind::Bundle)
    return Error::because(EINVAL, cat(quoted_if_needed(request.directory),
                                      " is a bundle, which says itself how it is run: see ",
                                      "wolffia run --dry-run"));
  request.dry_run = true;
  request.name.clear();
  request.cidfile.clear();
  const std::string runtime = TRY(launch::find_program("wolffia-oci"));
  const Assembly assembly = TRY(assemble(request, runtime, arguments.words()));
  const std::string groups = groups_that_stay(request, assembly.outer);  // as the host counts
  const cgroup::Place place = place_for_limits(request, assembly.caller.uid);
  helper::DaemonLine line = TRY(helper::DaemonLine::make());
  const auto explain = [&]() -> Result<int> {
    Described described = TRY(describe(assembly, TRY(prepare(assembly, line))));
    const oci::Spec spec = TRY(oci::parse_spec(std::move(described.config)));
    const oci::ImageConfig* image = assembly.image ? &assembly.image->image.config : nullptr;
    TRY(show(arguments, {assembly.request, image, assembly.outer, spec,
                         storage_of(assembly, described.root), place, groups}));
    return 0;
  };
  auto status = run_in_outer_namespace(assembly.outer, kName, explain);
  TRY(line.finish());
  TRY(remove_files(assembly.containers, assembly.container, {}));
  return status;
}

Fact storage_of(const Known& known, const RunRequest& request) {
  if (request.kind == RootKind::File)
    return {"storage", cat("a union mount of wolffia-overlay above ", request.directory),
            "what changes lies in a layer of its own"};
  if (known.record.image_id.empty())
    return {"storage", known.record.directory, "the directory itself"};
  if (has_copy(known.directory))
    return {"storage", "a copy of the image's layers", "its overlay was refused here"};
  if (const auto path = scratch_of(known.directory.fd))
    return {"storage", "the kernel's overlay of the image's layers",
            cat("what changes is kept in ", *path, ", as the store cannot hold it")};
  if (sys::stat_entry(known.directory.fd, "upper"))
    return {"storage",
            cat(request.storage == Storage::Fuse ? "a union mount of wolffia-overlay"
                                                 : "the kernel's overlay",
                " of the image's layers"),
            "default: what changes lies in a layer of its own"};
  return {"storage", "the image's layers", "--read-only: nothing is written to them"};
}

/// Where its limits are kept, as it was started.
cgroup::Place place_of(const oci::Spec& spec) {
  const oci::Resources& resources = spec.linux.resources;
  cgroup::Place place;
  if (resources.asked.empty()) return place;
  place.giver = cgroup::Place::Giver::Cgroupfs;
  if (resources.memory.limit) place.controllers.emplace_back("memory");
  if (resources.cpu.quota) place.controllers.emplace_back("cpu");
  if (resources.pids) place.controllers.emplace_back("pids");
  return place;
}

Result<int> explain_container(const Arguments& arguments, const Session& session, Known known) {
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  std::string text = TRY(sys::read_file(known.directory.fd, "config.json", kConfigLimit),
                         "container ", known.record.id, " was never started: config.json");
  const oci::Spec spec = TRY(oci::parse_spec(std::move(text)));
  std::optional<image::StoredImage> image;
  if (!known.record.image_id.empty())
    image = TRY(image_of_container(session.store, known.record, outer));
  const RunRequest request = TRY(settle_network(TRY(request_of(known.record))));
  TRY(show(arguments,
           {request, image ? &image->config : nullptr, outer, spec, storage_of(known, request),
            place_of(spec), groups_that_stay(request, outer)}));
  return 0;
}

}  // namespace

Result<int> run_explain(const Arguments& arguments) {
  if (arguments.positionals().size() == 1) {
    const Session session = TRY(Session::open(arguments));
    if (auto directory = session.containers.find(arguments.positionals()[0])) {
      Known known = TRY(examine(std::move(directory).value()));
      return explain_container(arguments, session, std::move(known));
    }
  }
  return explain_run(arguments);
}

}  // namespace wolffia::cli::user
