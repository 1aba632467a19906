// SPDX-License-Identifier: Apache-2.0
#include "image/squashfs/walk.hpp"

#include <algorithm>
#include <vector>

#include "base/quote.hpp"
#include "image/layer/parents.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

class Walk {
 public:
  Walk(const sys::Fd& tree, Visitor& visitor) : visitor_(visitor), parents_(tree) {}

  Result<void> run() {
    TRY(enter({}));
    while (!levels_.empty()) {
      auto done = step();
      if (!done && !path_.empty()) return std::move(done).error().context(path());
      if (!done) return done;
    }
    return {};
  }

 private:
  struct Level {
    std::string name;
    struct stat status {};
    std::vector<std::string> left;  // the next one last
  };

  std::string path() const {
    std::string text;
    for (const std::string& name : path_)
      text += cat(text.empty() ? "" : "/", name);
    return quoted(text);
  }
  Result<void> go_to(size_t depth) {
    if (TRY(parents_.enter(std::span(path_).first(depth))) != depth)
      return Error::because(ESTALE, "the directory went away");
    return {};
  }
  Result<void> enter(std::string name) {
    TRY(go_to(path_.size()));
    Level level;
    level.name = std::move(name);
    level.status = TRY(sys::stat_fd(parents_.here()));
    level.left = TRY(sys::entry_names(parents_.here(), SIZE_MAX));
    std::sort(level.left.begin(), level.left.end(), std::greater<>());
    levels_.push_back(std::move(level));
    return visitor_.enter({parents_.here(), levels_.back().name, levels_.back().status});
  }
  Result<void> step() {
    Level& level = levels_.back();
    if (level.left.empty()) {
      TRY(go_to(path_.size()));
      TRY(visitor_.leave({parents_.here(), level.name, level.status}));
      levels_.pop_back();
      if (!path_.empty()) path_.pop_back();
      return {};
    }
    const std::string name = std::move(level.left.back());
    level.left.pop_back();
    TRY(go_to(path_.size()));
    path_.push_back(name);
    const struct stat status = TRY(sys::stat_entry(parents_.here(), name.c_str()));
    if (S_ISDIR(status.st_mode)) return enter(name);
    TRY(visitor_.file({parents_.here(), name, status}));
    path_.pop_back();
    return {};
  }

  Visitor& visitor_;
  Parents parents_;
  std::vector<std::string> path_;
  std::vector<Level> levels_;
};

}  // namespace

Result<void> walk(const sys::Fd& tree, Visitor& visitor) {
  return Walk(tree, visitor).run();
}

}  // namespace wolffia::image
