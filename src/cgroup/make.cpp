// SPDX-License-Identifier: Apache-2.0
#include "cgroup/make.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cgroup {
namespace {

constexpr mode_t kMode = 0755;
constexpr size_t kListLimit = 4096;

bool lists(std::string_view words, std::string_view word) {
  for (Words all(words); !all.empty();)
    if (all.next() == word) return true;
  return false;
}

std::string read_list(const sys::Fd& directory, const char* file) {
  auto text = sys::read_file(directory, file, kListLimit);
  if (!text) return {};
  while (text->ends_with('\n'))
    text->pop_back();
  return std::move(text).value();
}

/// "memory" for "memory.max"; empty for files that every cgroup has.
std::string controller_of(const std::string& file) {
  const std::string name = file.substr(0, file.find('.'));
  return name == "cgroup" ? std::string() : name;
}

std::vector<std::string> controllers_of(std::span<const plan::CgroupWrite> limits) {
  std::vector<std::string> names;
  for (const plan::CgroupWrite& write : limits) {
    std::string name = controller_of(write.file);
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return names;
}

/// Why a controller does not reach the cgroups below one.
std::string explain(const Error& error, std::string_view controller, const std::string& shown) {
  if (error.is(EBUSY))
    return cat("processes in ", shown, " keep it from handing on the controller ", controller,
               ": they have to be in cgroups below it");
  return cat("the controller ", controller, " of ", shown,
             " is not delegated to you (systemd: Delegate=yes)");
}

/// Makes a new cgroup.
class Maker {
 public:
  Maker(const Hierarchy& hierarchy, std::vector<std::string> controllers)
      : hierarchy_(hierarchy), controllers_(std::move(controllers)) {}

  Result<Made> make(const std::string& path) {
    TRY(check_reach(path));
    return finish(walk(path));
  }

  Result<Made> enclose(const std::string& above, const std::string& name, pid_t pid) {
    reached_ = above;
    return finish(surround(name, pid));
  }

  Result<void> equip(const std::string& path) {
    sys::Fd at = TRY(sys::open_at(hierarchy_.root, ".", O_RDONLY | O_DIRECTORY));
    for (Words names(std::string_view(path).substr(1), '/'); !names.empty();) {
      hand_down(at, reached_);
      const std::string name(names.next());
      at = TRY(sys::open_directory(at, name.c_str()), "cgroup ", hierarchy_.shown(path));
      reached_ += cat("/", name);
    }
    return check_controllers(at);
  }

 private:
  /// A process may be moved only by who may write to the cgroup above both ends.
  Result<void> check_reach(const std::string& path) const {
    std::string above = hierarchy_.own;
    const auto contains = [&](const std::string& one) {
      return one == "/" || path == one || path.starts_with(one + "/");
    };
    while (!contains(above))
      above = parent_of(above);
    const std::string file = hierarchy_.shown(above) + "/cgroup.procs";
    auto may = sys::check_access(file.c_str(), W_OK);
    if (may) return {};
    return Error::because(
        EACCES, cat("no process of yours can be moved from the cgroup ", hierarchy_.own, " to ",
                    path, ", as ", file, " is not yours"));
  }

  Result<Made> finish(Result<Made> made) {
    if (!made) (void)unmake(hierarchy_, reached_, made_);
    return made;
  }

  /// Processes in the cgroup above would keep it from handing down controllers.
  Result<Made> surround(const std::string& name, pid_t pid) {
    const Group above = TRY(Group::open(hierarchy_, reached_));
    TRY(step_into(above.directory(), name), "cgroup ", hierarchy_.shown(above.path()), "/", name);
    Group group = TRY(Group::open(hierarchy_, reached_));
    TRY(group.write("cgroup.procs", cat(pid)), "move a process to cgroup ", group.path());
    hand_down(above.directory(), above.path());
    TRY(check_controllers(group.directory()));
    return Made{std::move(group), made_};
  }

  Result<Made> walk(const std::string& path) {
    sys::Fd at = TRY(sys::open_at(hierarchy_.root, ".", O_RDONLY | O_DIRECTORY));
    for (Words names(std::string_view(path).substr(1), '/'); !names.empty();) {
      hand_down(at, reached_);
      const std::string name(names.next());
      TRY(step_into(at, name), "cgroup ", hierarchy_.shown(path));
      at = TRY(sys::open_directory(at, name.c_str()), "cgroup ", hierarchy_.shown(path));
    }
    TRY(check_controllers(at));
    Group group = TRY(Group::open(hierarchy_, path));
    TRY(check_unused(group));
    return Made{std::move(group), made_};
  }

  Result<void> step_into(const sys::Fd& directory, const std::string& name) {
    auto made = sys::make_directory(directory, name.c_str(), kMode);
    if (made) ++made_;
    if (!made && !made.error().is(EEXIST)) return made;
    reached_ += cat("/", name);
    return {};
  }

  Result<void> check_controllers(const sys::Fd& directory) const {
    for (const std::string& controller : controllers_)
      if (!lists(read_list(directory, "cgroup.controllers"), controller))
        return refusal(controller);
    return {};
  }

  void hand_down(const sys::Fd& directory, const std::string& path) {
    if (controllers_.empty()) return;
    const std::string enabled = read_list(directory, "cgroup.subtree_control");
    const std::string available = read_list(directory, "cgroup.controllers");
    const std::string shown = hierarchy_.shown(path.empty() ? "/" : path);
    for (const std::string& controller : controllers_) {
      if (lists(enabled, controller)) continue;
      const Result<void> done =
          lists(available, controller)
              ? sys::write_existing(directory, "cgroup.subtree_control", cat("+", controller))
              : Error::because(ENOENT, cat(shown, " does not have the controller ", controller));
      if (!done && reason_.empty())
        reason_ = done.error().is(ENOENT) ? done.error().message()
                                          : explain(done.error(), controller, shown);
    }
  }

  Error refusal(const std::string& controller) const {
    if (!reason_.empty()) return Error::because(ENOTSUP, reason_);
    return Error::because(ENOTSUP, cat("the controller ", controller, " is not available"));
  }

  Result<void> check_unused(const Group& group) const {
    if (made_ == 0 && TRY(group.populated()))
      return Error::because(EBUSY, cat("cgroup ", group.path(), " has processes already"));
    if (TRY(group.frozen()))
      return Error::because(EBUSY, cat("cgroup ", group.path(), " is frozen: thaw it first"));
    return {};
  }

  const Hierarchy& hierarchy_;
  std::vector<std::string> controllers_;
  std::string reason_;   // the first thing that kept a controller back
  std::string reached_;  // the last made_ names of it were made by us
  size_t made_ = 0;
};

Result<void> write_limit(const Group& group, const plan::CgroupWrite& limit) {
  auto written = group.write(limit.file, limit.value);
  if (!written && written.error().is(ENOENT) && !limit.other_file.empty())
    written = group.write(limit.other_file, limit.other_value);
  if (written) return {};
  const std::string field = cat("linux.resources.", limit.field);
  if (written.error().is(ENOENT))
    return Error::because(ENOTSUP,
                          cat(field, " can't be applied: this kernel has no ", limit.file));
  return std::move(written).error().context(cat(field, ": writing ", quoted(limit.value), " to ",
                                                limit.file, " of cgroup ", group.path()));
}

}  // namespace

Result<Made> make(const Hierarchy& hierarchy, const std::string& path,
                  std::span<const plan::CgroupWrite> limits) {
  return Maker(hierarchy, controllers_of(limits)).make(path);
}

Result<Made> enclose(const Hierarchy& hierarchy, const std::string& above, const std::string& name,
                     pid_t pid, std::span<const plan::CgroupWrite> limits) {
  return Maker(hierarchy, controllers_of(limits)).enclose(above, name, pid);
}

Result<void> equip(const Hierarchy& hierarchy, const std::string& path,
                   std::span<const plan::CgroupWrite> limits) {
  return Maker(hierarchy, controllers_of(limits)).equip(path);
}

Result<void> unmake(const Hierarchy& hierarchy, std::string path, size_t made) {
  if (made == 0) return {};
  TRY(remove(hierarchy, path));
  for (size_t i = 1; i < made; ++i) {
    path = parent_of(path);
    if (!sys::remove_directory(hierarchy.root, path.c_str() + 1)) break;  // another one is in it
  }
  return {};
}

Result<void> apply(const Group& group, std::span<const plan::CgroupWrite> limits) {
  for (const plan::CgroupWrite& limit : limits)
    TRY(write_limit(group, limit));
  return {};
}

plan::CurrentLimits current_limits(const Group& group) {
  plan::CurrentLimits current;
  if (const auto quota = group.read("cpu.max"); quota) {
    Words words(*quota);
    current.cpu_quota = words.next();
    current.cpu_period = words.next();
  }
  if (const auto memory = group.read("memory.max"); memory) current.memory_max = *memory;
  current.counts_swap = bool(group.read("memory.swap.max"));
  return current;
}

}  // namespace wolffia::cgroup
