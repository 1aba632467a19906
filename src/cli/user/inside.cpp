// SPDX-License-Identifier: Apache-2.0
#include "cli/user/inside.hpp"

#include <sched.h>

#include "cli/outer_namespace.hpp"
#include "cli/store_namespace.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/image_file.hpp"
#include "cli/user/images.hpp"
#include "cli/user/scratch.hpp"
#include "cli/user/storage.hpp"
#include "cli/user/tell.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/namespace.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::user {
namespace {

/// The link of /proc is followed while the process is proven to be the one meant, before and after.
Result<OpenedRoot> open_running(const container::Identity& init) {
  OpenedRoot opened;
  opened.root = TRY(sys::open_root(cat("/proc/", init.pid, "/root").c_str()), "its root");
  TRY(container::facts_of(init), "it has just ended");
  return opened;
}

/// The command line it was made with.
Result<Arguments> arguments_of(const Record& record) {
  std::vector<const char*> words;
  for (const std::string& word : record.words)
    words.push_back(word.c_str());
  Arguments given;
  TRY(parse(kProgram, words, given), "the command line it was made with");
  return given;
}

/// In the outer namespace. The container's directory is opened anew: a descriptor from outside is
/// of a mount of the other mount namespace, below which nothing of this one can be mounted.
Result<PreparedRoot> prepare_ended(const Known& known, const std::vector<std::string>& layers,
                                   const std::vector<std::string>& scratch,
                                   helper::DaemonLine& line) {
  const std::string& source = known.record.directory;
  const bool is_file = known.record.image_id.empty() && is_image_file(source);
  if (known.record.image_id.empty() && !is_file) return PreparedRoot{.path = source};
  const std::string& path = known.directory.path;
  sys::Fd fd = TRY(sys::open_directory(sys::cwd(), path.c_str()), path);
  const ContainerDir inside{known.directory.id, path, std::move(fd)};
  const Arguments given = TRY(arguments_of(known.record));
  const RootWanted wanted{.layers = layers,
                          .readonly = given.has(kReadOnly),
                          .storage = storage_wanted(given),
                          .scratch = scratch};
  return is_file ? prepare_file_root(inside, source, wanted, line)
                 : prepare_root(inside, wanted, line);
}

Result<int> work_in_ended(const Session& session, const Known& known, const RootWork& work) {
  const OuterNamespace outer = TRY(plan_store_namespace(session.store.directory(), kName));
  std::vector<std::string> layers;
  if (!known.record.image_id.empty())
    layers = TRY(image_of_container(session.store, known.record, outer)).layers;
  const std::vector<std::string> scratch = scratch_places(sys::effective_uid());
  helper::DaemonLine line = TRY(helper::DaemonLine::make());
  const auto in_root = [&]() -> Result<int> {
    const PreparedRoot root = TRY(prepare_ended(known, layers, scratch, line));
    if (!root.notice.empty()) tell(root.notice);
    OpenedRoot opened;
    opened.root = TRY(sys::open_root(root.path.c_str()), root.path);
    opened.readonly = root.readonly;
    return work(opened);
  };
  auto status = run_in_outer_namespace(outer, kName, in_root);
  TRY(line.finish());
  return status;
}

}  // namespace

Result<void> join_user_namespace(const container::Identity& init) {
  const container::OpenedProcess process = TRY(container::open_process(init));
  auto joined = sys::join_namespaces_of(process.pidfd, CLONE_NEWUSER);
  if (!joined && !joined.error().is(EINVAL)) return joined;  // EINVAL: it is ours too
  return keep_rights();
}

Result<int> work_in_root(const Session& session, const Known& known, const RootWork& work) {
  if (known.phase == Phase::Starting)
    return Error::because(EBUSY, cat("container ", known.record.id, " is just being started"));
  if (known.phase != Phase::Running) return work_in_ended(session, known, work);
  TRY(join_user_namespace(known.init), "container ", known.record.id);
  return work(TRY(open_running(known.init), "container ", known.record.id));
}

}  // namespace wolffia::cli::user
