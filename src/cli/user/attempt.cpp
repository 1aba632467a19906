// SPDX-License-Identifier: Apache-2.0
#include "cli/user/attempt.hpp"

#include "cli/user/tell.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

/// What a container is made of.
struct Parts {
  const RunRequest& request;
  const std::string& runtime;
  const OuterNamespace& outer;
  const image::StoredImage* image;  // null: a plain directory
  const ContainerDir& container;
  Caller caller;
};

Result<PreparedRoot> root_of(const Parts& parts) {
  if (!parts.image) return PreparedRoot{.path = parts.request.directory};
  // Opened anew: a descriptor from outside is of a mount of the other mount namespace, on and below
  // which nothing of this one can be mounted.
  const ContainerDir& outside = parts.container;
  sys::Fd fd = TRY(sys::open_directory(sys::cwd(), outside.path.c_str()), outside.path);
  const ContainerDir inside{outside.id, outside.path, std::move(fd)};
  return prepare_root(inside, {.layers = parts.image->layers,
                               .readonly = parts.request.readonly,
                               .lasts = !parts.request.remove});
}

/// In the outer namespace: the root, config.json, and then the runtime in our place.
Result<int> become_runtime(const Parts& parts) {
  const PreparedRoot root = TRY(root_of(parts));
  if (!root.notice.empty()) tell(root.notice);
  const oci::ImageConfig* config = parts.image ? &parts.image->config : nullptr;
  Ground ground = TRY(prepare_ground(parts.request, config, root, parts.outer, parts.caller));
  TRY(write_network_files(parts.request, parts.container, ground));
  const std::string text = config_for_root(parts.request, ground);
  TRY(sys::replace_file(parts.container.fd, "config.json", text, sys::Durable::No));
  std::vector<std::string> argv{parts.runtime, "run", "--bundle", parts.container.path};
  if (parts.request.dry_run) argv.emplace_back("--dry-run");
  argv.push_back(parts.container.id);
  return become(argv);
}

/// Removes what is left of the container. Files of subordinate ids only their namespace can remove.
Result<void> remove_container(const Containers& containers, const ContainerDir& container,
                              const std::string& name, const OuterNamespace& outer) {
  auto removed = containers.remove(container, name);
  if (removed || !(removed.error().is(EACCES) || removed.error().is(EPERM))) return removed;
  const int status = TRY(run_in_outer_namespace(outer, kName, [&]() -> Result<int> {
    TRY(empty_container(container.fd), container.path);
    return 0;
  }));
  return status == 0 ? containers.remove(container, name) : removed;
}

Result<std::optional<FoundImage>> image_of(const image::Store& store, const RunRequest& request,
                                           const OuterNamespace& outer) {
  if (request.kind != RootKind::Image) return std::optional<FoundImage>();
  const std::string owners = image::owners_of(outer.uids, outer.gids);
  return std::optional(TRY(get_image(store, request, owners)));
}

/// From here on gc leaves the image alone; it may have removed it a moment before.
Result<void> keep_image(const image::Store& store, const ContainerDir& container,
                        const oci::Digest& manifest) {
  TRY(sys::replace_file(container.fd, "image", cat(manifest.text(), "\n"), sys::Durable::No));
  if (TRY(store.has(manifest))) return {};
  return Error::because(ENOENT, cat("image ", manifest.text(), " was just removed: run it again"));
}

}  // namespace

Result<int> run_contained(const RunRequest& request, const std::string& runtime) {
  const OuterNamespace outer = TRY(plan_outer_namespace(kName));
  const std::string path = TRY(image::store_path(request.store));
  const image::Store store = TRY(image::Store::open(path));
  const std::optional<FoundImage> image = TRY(image_of(store, request, outer));
  const Containers containers = TRY(Containers::open(store));
  const ContainerDir container = TRY(containers.make(request.name));
  if (image) {
    if (auto kept = keep_image(store, container, image->image.manifest); !kept) {
      (void)containers.remove(container, request.name);
      return std::move(kept).error();
    }
  }
  const Parts parts{.request = request,
                    .runtime = runtime,
                    .outer = outer,
                    .image = image ? &image->image : nullptr,
                    .container = container,
                    .caller = {sys::effective_uid(), sys::effective_gid()}};
  auto status =
      run_in_outer_namespace(outer, kName, [&]() -> Result<int> { return become_runtime(parts); });
  TRY(remove_container(containers, container, request.name, outer));
  return status;
}

}  // namespace wolffia::cli::user
