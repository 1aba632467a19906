// SPDX-License-Identifier: Apache-2.0
#include "launch/trees.hpp"

#include <fcntl.h>

#include <algorithm>

#include "launch/fallback.hpp"
#include "sys/path.hpp"

namespace wolffia::launch {
namespace {

/// fsconfig(2) takes strings of 255 bytes at most: a long lowerdir needs mount(2).
constexpr size_t kLongestOption = 255;

bool fits_fsconfig(const FilesystemRequest& request) {
  return std::all_of(request.options.begin(), request.options.end(),
                     [](const std::string& option) { return option.size() <= kLongestOption; });
}

Result<void> configure(const sys::FilesystemContext& context, const FilesystemRequest& request) {
  if (request.source) TRY(sys::set_option(context, "source", request.source));
  for (const std::string& option : request.options) {
    const size_t equals = option.find('=');
    if (equals == std::string::npos) {
      TRY(sys::set_option(context, option.c_str(), nullptr), "option ", option);
    } else {
      TRY(sys::set_option(context, option.substr(0, equals).c_str(), option.c_str() + equals + 1),
          "option ", option);
    }
  }
  return {};
}

}  // namespace

Result<sys::MountTree> Trees::clone(const char* path, sys::Recurse recurse, sys::Follow follow,
                                    const sys::AttributeChange& change) {
  if (!change.empty() && usable(NewCall::OpenTreeAttr)) {
    auto tree = sys::clone_tree(path, recurse, follow, change);
    if (tree || !lacks(NewCall::OpenTreeAttr, tree.error())) return tree;
  }
  return changed(clone_only(path, recurse, follow), change, recurse);
}

Result<sys::MountTree> Trees::clone(const sys::Fd& source, sys::Recurse recurse,
                                    const sys::AttributeChange& change) {
  if (!change.empty() && usable(NewCall::OpenTreeAttr)) {
    auto tree = sys::clone_tree(source, recurse, change);
    if (tree || !lacks(NewCall::OpenTreeAttr, tree.error())) return tree;
  }
  return changed(clone_only(source, recurse), change, recurse);
}

Result<sys::MountTree> Trees::clone_only(const char* path, sys::Recurse recurse,
                                         sys::Follow follow) {
  if (usable(NewCall::OpenTree)) {
    auto tree = sys::clone_tree(path, recurse, follow);
    if (tree || !lacks(NewCall::OpenTree, tree.error())) return tree;
  }
  const sys::InRoot source = TRY(sys::open_source(path, follow));
  return stage_.clone(source, recurse);
}

Result<sys::MountTree> Trees::clone_only(const sys::Fd& source, sys::Recurse recurse) {
  if (usable(NewCall::OpenTree)) {
    auto tree = sys::clone_tree(source, recurse);
    if (tree || !lacks(NewCall::OpenTree, tree.error())) return tree;
  }
  return stage_.clone(source, recurse);
}

Result<sys::MountTree> Trees::changed(Result<sys::MountTree> cloned,
                                      const sys::AttributeChange& change, sys::Recurse recurse) {
  if (cloned && !change.empty()) TRY(this->change(*cloned, change, recurse));
  return cloned;
}

Result<sys::MountTree> Trees::make_detached(const FilesystemRequest& request) {
  sys::FilesystemContext context = TRY(sys::open_filesystem(request.type));
  auto tree = [&]() -> Result<sys::MountTree> {
    TRY(configure(context, request));
    return sys::make_filesystem(context, request.attributes);
  }();
  if (tree) {
    done_.add(std::move(context));
    return tree;
  }
  const std::string words = sys::filesystem_message(context);
  if (words.empty()) return tree;
  return std::move(tree).error().context(words);
}

Result<sys::MountTree> Trees::make(const FilesystemRequest& request) {
  if (usable(NewCall::Fsopen) && fits_fsconfig(request)) {
    auto tree = make_detached(request);
    if (tree || !lacks(NewCall::Fsopen, tree.error())) return tree;
  }
  return stage_.make(request);
}

Result<void> Trees::make_at(const FilesystemRequest& request, const sys::Fd& dir,
                            const char* name) {
  return stage_.make_at(request, dir, name);
}

Result<void> Trees::change(const sys::Fd& tree, const sys::AttributeChange& change,
                           sys::Recurse recurse) {
  if (usable(NewCall::MountSetattr)) {
    auto changed = sys::change_attributes(tree, change, recurse);
    if (changed || !lacks(NewCall::MountSetattr, changed.error())) return changed;
  }
  return stage_.change(tree, change, recurse);
}

Result<void> Trees::attach(const sys::MountTree& tree, const sys::Fd& target) {
  if (usable(NewCall::MoveMount)) {
    auto attached = sys::attach(tree, target);
    if (attached || !lacks(NewCall::MoveMount, attached.error())) return attached;
  }
  return stage_.move(tree, target);
}

Result<void> Trees::attach_at(const sys::MountTree& tree, const sys::Fd& dir, const char* name) {
  if (usable(NewCall::MoveMount)) {
    auto attached = sys::attach_at(tree, dir, name);
    if (attached || !lacks(NewCall::MoveMount, attached.error())) return attached;
  }
  const sys::InRoot target = TRY(sys::open_entry(dir, name, O_PATH));
  return stage_.move(tree, target);
}

}  // namespace wolffia::launch
