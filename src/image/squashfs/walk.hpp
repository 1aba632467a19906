// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// Where a walk through a tree is.
struct Visited {
  const sys::Fd& directory;  // where the name is; of enter() and leave() the directory itself
  const std::string& name;   // empty for the root
  const struct stat& status;
  bool is_root() const { return name.empty(); }
};

class Visitor {
 public:
  virtual ~Visitor() = default;
  /// A directory, before what is in it and after that.
  virtual Result<void> enter(const Visited& at) = 0;
  virtual Result<void> leave(const Visited& at) = 0;
  virtual Result<void> file(const Visited& at) = 0;
};

/// Shows the visitor all of a tree, the root too, each directory in the order of its names' bytes.
/// By descriptor only, never through a link. Errors name the path.
Result<void> walk(const sys::Fd& tree, Visitor& visitor);

}  // namespace wolffia::image
