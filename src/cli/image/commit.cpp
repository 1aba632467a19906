// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/changes.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/made.hpp"
#include "cli/image/outgoing.hpp"
#include "cli/image_options.hpp"
#include "cli/layer_trees.hpp"
#include "cli/output.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::FoundImage;
using wolffia::image::PackOptions;
using wolffia::image::PackSelection;

/// The directory that holds what was changed.
struct Changed {
  std::string path;  // empty: nothing was
  ComparedTree kind = ComparedTree::Upper;
};

Result<Changed> changed_directory(const Arguments& arguments) {
  const auto upper = arguments.find(kUpper);
  const auto tree = arguments.find(kTree);
  if (upper && tree)
    return Error::because(EINVAL, "--upper and --tree both say what was changed: give one of them");
  if (tree) return Changed{std::string(*tree), ComparedTree::Whole};
  return Changed{std::string(upper.value_or("")), ComparedTree::Upper};
}

Result<sys::Fd> open_changed(const Changed& changed, const wolffia::image::Staged& nothing) {
  if (changed.path.empty()) return nothing.make_tree();
  return sys::open_at(sys::cwd(), changed.path.c_str(), O_RDONLY | O_DIRECTORY);
}

/// What of it goes into the layer.
Result<PackSelection> select(const Arguments& arguments, const sys::Fd& tree, ComparedTree kind,
                             const FoundImage& base) {
  const std::set<std::string> own = with_parents(arguments.list(kMountPoint));
  const Trees layers = TRY(open_trees(base.image.layers));
  PackSelection selection;
  for (const Change& change : TRY(changes_of(tree, kind, layers, own))) {
    auto& paths = change.kind == ChangeKind::Deleted ? selection.gone : selection.taken;
    paths.insert(change.path.substr(1));
  }
  return selection;
}

/// In the outer namespace, whose root may read all files and owns the new tree.
Result<int> commit(const Arguments& arguments, const std::string& owners) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const auto words = arguments.positionals();
  const Changed changed = TRY(changed_directory(arguments));
  auto order = TRY(wanted_image(arguments, words.size() > 1 ? words[1] : "",
                                std::string(arguments.value(kCreatedBy, "wolffia-image commit"))));
  order.step.author = arguments.value(kAuthor);
  const auto progress = wanted_progress(arguments);
  const Outgoing store = TRY(Outgoing::open(arguments, owners, *progress));
  const FoundImage base = TRY(store.find(words[0]));
  const wolffia::image::Staged nothing = TRY(store.writer().stage());
  const sys::Fd tree = TRY(open_changed(changed, nothing), changed.path);
  const PackSelection selection = TRY(select(arguments, tree, changed.kind, base), changed.path);
  PackOptions options;
  options.owners = owners == wolffia::image::kOneOwner ? wolffia::image::Owners::Caller
                                                       : wolffia::image::Owners::Archive;
  options.only = &selection;
  options.living = wolffia::image::Living::Yes;
  const oci::Digest digest =
      TRY(wolffia::image::put_on_top({store.store(), store.writer(), unpackers, owners, *progress},
                                     base.image, tree, options, order));
  TRY(print(cat(digest.text(), "\n")));
  return 0;
}

}  // namespace

Result<int> run_commit(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return commit(arguments, owners); });
}

}  // namespace wolffia::cli::image
