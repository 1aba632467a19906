// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/quote.hpp"
#include "cli/changes.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/output.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/images.hpp"
#include "cli/user/launched.hpp"
#include "cli/user/options.hpp"
#include "cli/user/session.hpp"
#include "cli/user/storage.hpp"
#include "cli/user/tell.hpp"
#include "json/writer.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

/// diff: what a container changed of its image's files.
namespace wolffia::cli::user {
namespace {

struct Shown {
  std::string_view letter, word;
};
constexpr std::array kShown{Shown{"A", "added"}, Shown{"C", "changed"}, Shown{"D", "deleted"}};

Shown shown(ChangeKind kind) {
  return kShown[static_cast<size_t>(kind)];
}

std::string as_lines(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes)
    out += cat(shown(change.kind).letter, " ", printable(change.path), "\n");
  return out;
}

/// The schema of `diff --json`: wolffia(1), "JSON".
std::string as_json(const std::vector<Change>& changes) {
  json::Writer out("  ");
  out.begin_array();
  for (const Change& change : changes) {
    out.begin_object().member("change", shown(change.kind).word);
    out.member("path", change.path).end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

/// In the outer namespace, as files of subordinate ids may be nobody else's to read.
Result<std::vector<Change>> compare(const ContainerDir& container,
                                    const std::vector<std::string>& layers) {
  const std::set<std::string> own = with_parents(TRY(read_launched(container)).made);
  const bool copied = has_copy(container);
  std::optional<std::string> path = cat(container.path, "/root");
  if (!copied) path = TRY(upper_path(container));
  if (!path) return std::vector<Change>();  // nothing could be written
  const sys::Fd changed = TRY(sys::open_directory(sys::cwd(), path->c_str()), *path);
  const ComparedTree kind = copied ? ComparedTree::Whole : ComparedTree::Upper;
  return changes_of(changed, kind, TRY(open_trees(layers)), own);
}

}  // namespace

Result<int> run_diff(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  TRY(expect_image(known.record));
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  const image::StoredImage image = TRY(image_of_container(session.store, known.record, outer));
  return run_in_outer_namespace(outer, kName, [&]() -> Result<int> {
    const std::vector<Change> changes = TRY(compare(known.directory, image.layers));
    TRY(print(arguments.has(kJson) ? as_json(changes) : as_lines(changes)));
    return 0;
  });
}

}  // namespace wolffia::cli::user
