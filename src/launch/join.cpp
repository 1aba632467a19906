// SPDX-License-Identifier: Apache-2.0
#include "launch/join.hpp"

#include <fcntl.h>
#include <sched.h>

#include <algorithm>
#include <array>

#include "launch/starter.hpp"
#include "plan/ranges.hpp"
#include "plan/subid.hpp"
#include "sys/attributes.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

struct TypeFlag {
  oci::NamespaceType type;
  int flag;
  const char* name;  // as the specification says it
};

constexpr std::array kTypeFlags{
    TypeFlag{oci::NamespaceType::User, CLONE_NEWUSER, "user"},
    TypeFlag{oci::NamespaceType::Mount, CLONE_NEWNS, "mount"},
    TypeFlag{oci::NamespaceType::Pid, CLONE_NEWPID, "pid"},
    TypeFlag{oci::NamespaceType::Network, CLONE_NEWNET, "network"},
    TypeFlag{oci::NamespaceType::Ipc, CLONE_NEWIPC, "ipc"},
    TypeFlag{oci::NamespaceType::Uts, CLONE_NEWUTS, "uts"},
    TypeFlag{oci::NamespaceType::Cgroup, CLONE_NEWCGROUP, "cgroup"},
    TypeFlag{oci::NamespaceType::Time, CLONE_NEWTIME, "time"},
};

const char* flag_name(int flag) {
  for (const TypeFlag& row : kTypeFlags)
    if (row.flag == flag) return row.name;
  return "?";
}

Result<void> join_one(const Joined& joined) {
  auto done = sys::join_namespace(joined.space, joined.flag);
  if (done || !done.error().is(EINVAL)) return done;
  return Error::because(EINVAL, cat(joined.path, " is not a ", flag_name(joined.flag),
                                    " namespace, or cannot be joined from here"));
}

Result<void> open_one(JoinSet& set, oci::NamespaceType type, const std::string& path) {
  const int flag = namespace_flag(type);
  sys::Fd file = TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_NONBLOCK),
                     "linux.namespaces: ", flag_name(flag), " namespace ", path);
  set.push_back(Joined{sys::NamespaceFd(file.release()), flag, path});
  return {};
}

/// The ids that exist inside have to be those that the bundle says, by which the plan was made.
/// What they are outside is said from where the reader is, and is left to the kernel.
Result<void> check_map(const sys::Fd& proc, const char* file, std::string_view field,
                       const std::vector<oci::IdMap>& wanted) {
  constexpr size_t kLimit = 65536;  // the kernel takes 340 lines at most
  if (wanted.empty()) return {};
  const std::string path = cat("self/", file);
  const auto text = TRY(sys::read_file(proc, path.c_str(), kLimit), "/proc/", path);
  const std::vector<oci::IdMap> held = plan::parse_id_map_file(text);
  const auto has_all = [](const auto& map, const auto& lines) {
    return std::ranges::all_of(lines, [&](const oci::IdMap& line) {
      return plan::contains(map, line.container, line.size);
    });
  };
  if (has_all(held, wanted) && has_all(wanted, held)) return {};
  return Error::because(
      EINVAL, cat(field, " says that the user namespace which is joined has the ids ",
                  plan::describe_inside(wanted), ", and it has ", plan::describe_inside(held),
                  ": correct it, or leave it out"));
}

Result<void> join_user(const Joined& joined, const sys::Fd& proc) {
  TRY(join_one(joined), "joining ", joined.path);
  TRY(check_map(proc, "uid_map", "linux.uidMappings", joined.user->uid_map));
  return check_map(proc, "gid_map", "linux.gidMappings", joined.user->gid_map);
}

/// Some may belong to the user namespace we come from, some to the one we join: what can't be
/// joined before the user namespace is tried again after it.
Result<void> join_all(const JoinSet& joins) {
  // A mount namespace that is joined may have none.
  const sys::Fd proc = TRY(sys::open_directory(sys::cwd(), "/proc"), "/proc");
  std::vector<const Joined*> later;
  for (const Joined& joined : joins) {
    if (joined.flag == CLONE_NEWUSER) continue;
    auto done = join_one(joined);
    if (!done && !done.error().is(EPERM)) return done;
    if (!done) later.push_back(&joined);
  }
  for (const Joined& joined : joins)
    if (joined.flag == CLONE_NEWUSER) TRY(join_user(joined, proc));
  for (const Joined* joined : later)
    TRY(join_one(*joined), "joining ", joined->path);
  return {};
}

}  // namespace

int namespace_flag(oci::NamespaceType type) {
  for (const TypeFlag& row : kTypeFlags)
    if (row.type == type) return row.flag;
  return 0;
}

Result<JoinSet> open_joins(const plan::Plan& plan) {
  JoinSet set;
  if (plan.user.how == plan::UserNamespacePlan::How::Join)
    TRY(open_one(set, oci::NamespaceType::User, plan.user.path));
  if (!set.empty()) set.front().user = &plan.user;
  for (const plan::NamespacePlan& space : plan.namespaces)
    if (!space.path.empty() && space.type != oci::NamespaceType::Mount)
      TRY(open_one(set, space.type, space.path));
  // Last: joining it changes what every path means.
  for (const plan::NamespacePlan& space : plan.namespaces)
    if (!space.path.empty() && space.type == oci::NamespaceType::Mount)
      TRY(open_one(set, space.type, space.path));
  return set;
}

void join_and_clone(Channel birth, const JoinSet& joins, uint64_t flags, bool hide) {
  auto joined = hide ? sys::set_dumpable(false) : Result<void>();
  if (joined) joined = join_all(joins);
  if (!joined) {
    birth.fail(std::move(joined).error().context("join namespaces"), kStatusOther);
    ::_exit(kStatusOther);
  }
  clone_and_report(std::move(birth), flags);
}

void clone_and_report(Channel birth, uint64_t flags) {
  auto cloned = clone_into(flags | CLONE_PARENT);
  if (!cloned) {
    birth.fail(cloned.error(), kStatusOther);
    ::_exit(kStatusOther);
  }
  if (cloned->pid == 0) return;
  const auto told = birth.say(Word::Born, cloned->pid, &cloned->pidfd);
  ::_exit(told ? 0 : kStatusOther);  // init reads the end of file, then, and exits as well
}

}  // namespace wolffia::launch
