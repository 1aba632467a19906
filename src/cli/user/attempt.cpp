// SPDX-License-Identifier: Apache-2.0
#include "cli/user/attempt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/notices.hpp"
#include "cli/output.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/groups.hpp"
#include "cli/user/image_file.hpp"
#include "cli/user/network.hpp"
#include "cli/user/owners/keeper.hpp"
#include "cli/user/programs.hpp"
#include "cli/user/scratch.hpp"
#include "cli/user/streams.hpp"
#include "cli/user/tell.hpp"
#include "cli/user/user_tables.hpp"
#include "container/relay.hpp"
#include "container/run.hpp"
#include "container/state.hpp"
#include "container/state_root.hpp"
#include "container/store.hpp"
#include "launch/protocol.hpp"
#include "launch/self.hpp"
#include "oci/convert_image.hpp"
#include "plan/make_plan.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kServiceManager = "NOTIFY_SOCKET";  // sd_notify(3)

Result<PreparedRoot> root_of(const Assembly& assembly, helper::DaemonLine& line) {
  const RunRequest& request = assembly.request;
  if (request.kind == RootKind::Directory) return PreparedRoot{.path = request.directory};
  // Opened anew: a descriptor from outside is of a mount of the other mount namespace, on and below
  // which nothing of this one can be mounted.
  const ContainerDir& outside = assembly.container;
  sys::Fd fd = TRY(sys::open_directory(sys::cwd(), outside.path.c_str()), outside.path);
  const ContainerDir inside{outside.id, outside.path, std::move(fd)};
  RootWanted wanted{.layers = {},
                    .readonly = request.readonly,
                    .lasts = !request.remove,
                    .storage = request.storage,
                    .scratch = scratch_places(assembly.caller.uid)};
  if (request.kind == RootKind::File)
    return prepare_file_root(inside, request.directory, wanted, line);
  wanted.layers = assembly.image->image.layers;
  return prepare_root(inside, wanted, line);
}

/// The terminal is made ready before the program can write to it.
bool waits_at_gate(const Assembly& assembly, Wait wait) {
  return wait == Wait::No && assembly.request.terminal;
}

std::string oom_file_of(const ContainerDir& container) {
  return cat(container.path, "/", kOomFile);
}

/// What `wolffia-oci run` would do, in this process: starting that program is a tenth of a start.
Result<int> run_here(const Assembly& assembly, plan::CgroupManager cgroups) {
  const Log log = TRY(Log::open({.program = "wolffia-oci", .file = {}, .format = {}, .level = {}}));
  Notices notices(log);
  container::RunRequest request;
  request.create.options.id = assembly.container.id;
  request.create.options.bundle = assembly.container.path;
  request.create.options.cgroups = cgroups;
  const char* manager = ::getenv(kServiceManager);  // NOLINT(concurrency-mt-unsafe): no threads
  if (manager) request.create.service_manager = manager;
  request.create.notify = [&](std::string_view message) { notices.add(message); };
  request.create.settled = [&] { notices.settle(); };
  request.make_relay = container::relay_standard_streams;
  request.oom_file = oom_file_of(assembly.container);
  int failure = 1;
  const auto status = [&]() -> Result<int> {
    const container::Store store = TRY(container::Store::open(assembly.record.state_root));
    return container::run(store, request, failure);
  }();
  if (!status) log.error(status.error().message());
  notices.settle();
  if (status) return *status;
  const bool is_the_programs =
      failure == launch::kStatusNotFound || failure == launch::kStatusCannotExecute;
  return is_the_programs ? failure : kRunnerFailed;
}

/// Not where the program that we are could be written to from inside, of which wolffia-oci would
/// run a copy; nor with descriptors to be passed on, which it alone knows of.
Result<bool> can_run_here(const Assembly& assembly, Wait wait) {
  if (wait == Wait::No || assembly.request.dry_run) return false;
  if (::getenv("LISTEN_FDS")) return false;  // NOLINT(concurrency-mt-unsafe): no threads
  return launch::program_is_safe();
}

/// In the outer namespace: the root, config.json, and then the runtime in our place.
Result<int> become_runtime(const Assembly& assembly, Wait wait, Lines& lines) {
  OwnNetwork network(assembly, lines.network);
  TRY(network.begin_early());
  Prepared prepared = TRY(prepare(assembly, lines.storage));
  TRY(network.begin(prepared.ground));
  const Described described = TRY(describe(assembly, std::move(prepared)));
  if (!described.root.notice.empty()) tell(described.root.notice);
  TRY(sys::replace_file(assembly.container.fd, "config.json", described.config, sys::Durable::No));
  TRY(network.join());
  if (described.keeps_owners && !assembly.request.dry_run)
    TRY(owners::start_keeper(assembly.container.fd));
  if (TRY(can_run_here(assembly, wait))) return run_here(assembly, described.cgroups);
  TRY(network.pass_on());
  std::vector<std::string> argv{assembly.runtime, "--failure-status", kFailureStatus, "--root",
                                assembly.record.state_root};
  if (described.cgroups == plan::CgroupManager::Systemd) argv.emplace_back(kBySystemd);
  // Whoever starts a container in the background has been told of it when that runs.
  if (wait == Wait::No) ::unsetenv(kServiceManager);  // NOLINT(concurrency-mt-unsafe): no threads
  argv.insert(argv.end(), {waits_at_gate(assembly, wait) ? "create" : "run", "--bundle",
                           assembly.container.path});
  if (assembly.request.dry_run) argv.emplace_back("--dry-run");
  if (waits_at_gate(assembly, wait))
    argv.insert(argv.end(),
                {"--console-socket", cat(assembly.container.path, "/", kConsoleSocket)});
  else if (wait == Wait::No)
    argv.emplace_back("--detach");
  else
    argv.insert(argv.end(), {"--oom-file", oom_file_of(assembly.container)});
  argv.push_back(assembly.container.id);
  return become(argv);
}

/// The image is named in the container's directory first, and looked at once more then: gc removes
/// no image that a container names.
Result<void> hold_image(const image::Store& store, const ContainerDir& container,
                        const image::StoredImage& image) {
  TRY(sys::replace_file(container.fd, "image", cat(image.manifest.text(), "\n"), sys::Durable::No));
  if (TRY(store.has(image.manifest))) return {};
  return Error::because(
      ENOENT, cat("image ", image.manifest.text(), " was just removed: run it ", "again"));
}

Result<void> make_cidfile(const RunRequest& request, const std::string& id) {
  if (request.cidfile.empty()) return {};
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL;
  const sys::Fd file = TRY(sys::open_at(sys::cwd(), request.cidfile.c_str(), kFlags, 0644),
                           "--cidfile ", request.cidfile);
  return sys::write_all(file, id);
}

Result<Record> make_record(const RunRequest& request, const std::vector<std::string>& words,
                           const std::optional<FoundImage>& image, const std::string& id) {
  Record record;
  record.id = id;
  record.name = request.name;
  record.image = request.image;
  record.directory = request.directory;
  const oci::ImageConfig config = image ? image->image.config : oci::ImageConfig();
  if (image) record.image_id = image->image.manifest.text();
  record.command = oci::image_arguments(config, request.entrypoint, request.command);
  record.words = words;
  record.cwd = TRY(sys::working_directory());
  record.created = now();
  record.state_root = TRY(container::open_state_root({})).path;
  record.detached = request.detach;
  record.remove = request.remove;
  record.stop_timeout = request.stop_timeout;
  record.labels = request.labels;
  record.runner = TRY(container::identify(::getpid()));
  return record;
}

Result<image::Store> open_store(const RunRequest& request) {
  const std::string path = TRY(image::store_path(request.store));
  return image::Store::open(path);
}

Result<std::optional<FoundImage>> image_of(const image::Store& store, const RunRequest& request,
                                           const OuterNamespace& outer) {
  if (request.kind != RootKind::Image) return std::optional<FoundImage>();
  const std::string owners = image::owners_of(outer.uids, outer.gids);
  return std::optional(TRY(get_image(store, request, owners)));
}

Caller ourselves() {
  return {sys::effective_uid(), sys::effective_gid()};
}

}  // namespace

std::string now() {
  return container::timestamp_now();
}

Result<Assembly> assemble(const RunRequest& wanted, const std::string& runtime,
                          const std::vector<std::string>& words) {
  const RunRequest request = TRY(settle_network(wanted));
  const image::Store store = TRY(open_store(request));
  OuterNamespace outer = TRY(plan_store_namespace(store.directory(), kName));
  std::optional<FoundImage> image = TRY(image_of(store, request, outer));
  // Of an image they were told when it was fetched: a run a minute must not say them each time.
  if (!image || request.dry_run) tell_notices(outer, kName);
  tell_groups(request, outer);
  Containers containers = TRY(Containers::open(store));
  ContainerDir container = TRY(containers.make(request.name));
  const auto made = [&]() -> Result<Record> {
    if (image) TRY(hold_image(store, container, image->image));
    Record record = TRY(make_record(request, words, image, container.id));
    TRY(save_record(container, record));
    TRY(make_cidfile(request, container.id));
    return record;
  }();
  if (!made) {
    (void)containers.remove(container, request.name);
    return made.error();
  }
  return Assembly{request,
                  runtime,
                  std::move(outer),
                  ourselves(),
                  std::move(containers),
                  std::move(image),
                  std::move(container),
                  *made};
}

Result<Assembly> assemble_again(const RunRequest& wanted, const std::string& runtime, Known known,
                                Containers containers) {
  const RunRequest request = TRY(settle_network(wanted));
  const image::Store store = TRY(open_store(request));
  OuterNamespace outer = TRY(plan_store_namespace(store.directory(), kName));
  std::optional<FoundImage> image;
  if (request.kind == RootKind::Image) {
    image::StoredImage found = TRY(image_of_container(store, known.record, outer));
    image = FoundImage{std::move(found), known.record.image};
  }
  for (const char* old : {"exit", "stopped", kOomFile})
    (void)sys::remove_entry(known.directory.fd, old);
  known.record.runner = TRY(container::identify(::getpid()));
  known.record.network_restarts = 0;
  known.record.network_error.clear();
  TRY(save_record(known.directory, known.record));
  return Assembly{request,
                  runtime,
                  std::move(outer),
                  ourselves(),
                  std::move(containers),
                  std::move(image),
                  std::move(known.directory),
                  std::move(known.record),
                  false};
}

namespace {

/// Where there is one id, and no user namespace of another kind within. Who wants no filter has
/// none.
Result<bool> keeps_owners(const Assembly& assembly, const Ground& ground) {
  const RunRequest& request = assembly.request;
  const bool writes = !request.readonly && !ground.readonly && request.kind != RootKind::Directory;
  if (!writes || !request.seccomp.confined || ground.uid_map || !has_one_id(assembly.outer))
    return false;
  return owners::are_kept_here();
}

}  // namespace

Result<Lines> Lines::make() {
  auto storage = TRY(helper::DaemonLine::make());
  auto network = TRY(helper::DaemonLine::make());
  return Lines{std::move(storage), std::move(network)};
}

Result<Prepared> prepare(const Assembly& assembly, helper::DaemonLine& line) {
  PreparedRoot root = TRY(root_of(assembly, line));
  std::optional<oci::ImageConfig> of_file;
  if (assembly.request.kind == RootKind::File)
    of_file = TRY(config_of_image_file(root.path), assembly.request.directory);
  const oci::ImageConfig* config = of_file          ? &*of_file
                                   : assembly.image ? &assembly.image->image.config
                                                    : nullptr;
  Ground ground =
      TRY(prepare_ground(assembly.request, config, root, assembly.outer, assembly.caller));
  ground.is_connected = assembly.request.network == Network::Slirp;
  return Prepared{std::move(root), std::move(ground)};
}

Result<Described> describe(const Assembly& assembly, Prepared prepared) {
  Ground& ground = prepared.ground;
  TRY(write_network_files(assembly.request, assembly.container, ground));
  TRY(write_user_tables(assembly.request, assembly.caller, assembly.container, ground));
  TRY(write_init_program(assembly.request, assembly.container, ground));
  if (TRY(keeps_owners(assembly, ground)))
    ground.owners_socket = cat(assembly.container.path, "/", owners::kSocket);
  return Described{std::move(prepared.root), config_for_root(assembly.request, ground),
                   !ground.owners_socket.empty(), ground.limits.manager};
}

Result<void> print_outer(const OuterNamespace& outer) {
  return print(cat("outer ", plan::print(outer.user)));
}

Result<int> start_runtime(const Assembly& assembly, Wait wait, Lines& lines, const Vigil& vigil) {
  if (assembly.request.dry_run) TRY(print_outer(assembly.outer));
  const auto work = [&]() -> Result<int> { return become_runtime(assembly, wait, lines); };
  return run_in_outer_namespace(assembly.outer, kName, work, vigil);
}

}  // namespace wolffia::cli::user
