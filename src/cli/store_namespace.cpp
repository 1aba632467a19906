// SPDX-License-Identifier: Apache-2.0
#include "cli/store_namespace.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "cli/log.hpp"
#include "cli/network_filesystem.hpp"
#include "cli/output.hpp"
#include "plan/make_plan.hpp"
#include "plan/subid.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/session.hpp"
#include "sys/space.hpp"

namespace wolffia::cli {
namespace {

constexpr const char* kAnswer = "owners";
constexpr size_t kAnswerLimit = 16;
constexpr size_t kMapLimit = 65536;
constexpr std::string_view kOne = "one\n";
constexpr std::string_view kAll = "all\n";

enum Answer : int { AllIds, OneOwner, NoOtherId };

/// In the namespace: gives a file of ours to another of its ids, unless newuidmap gave it none.
Result<int> give_a_file_away(const sys::Fd& store) {
  const std::string map = TRY(sys::read_file(sys::cwd(), "/proc/self/uid_map", kMapLimit));
  if (plan::parse_id_map_file(map).size() < 2) return NoOtherId;
  const std::string name = cat(".owners-", ::getpid());
  const sys::Fd file =
      TRY(sys::open_at(store, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  const auto given = sys::change_owner(file, 1, 1);
  TRY(sys::remove_entry(store, name.c_str()));
  return given ? AllIds : OneOwner;
}

/// What was found out before, or is now. A store that nothing can be written to has no answer, and
/// whoever works with it will say why.
Result<bool> keeps_one_owner(const sys::Fd& store, const OuterNamespace& outer,
                             std::string_view filesystem, std::string_view program) {
  const auto before = sys::read_file(store, kAnswer, kAnswerLimit);
  if (before && (*before == kOne || *before == kAll)) return *before == kOne;
  const int given =
      TRY(run_in_outer_namespace(outer, program, [&] { return give_a_file_away(store); }));
  if (given != AllIds && given != OneOwner) return false;
  const bool one = given == OneOwner;
  (void)sys::replace_file(store, kAnswer, one ? kOne : kAll, sys::Durable::No);
  if (one)
    print_message(sentence(program, Level::Warning,
                           cat("the store is on ", filesystem, ", which keeps files of one owner ",
                               "only: the images in it have one id, which is yours")));
  return one;
}

}  // namespace

Result<OuterNamespace> plan_store_namespace(const sys::Fd& store, std::string_view program) {
  OuterNamespace outer = TRY(plan_outer_namespace());
  if (!outer.user.may_fall_back) return outer;  // there is one id anyway
  const auto space = sys::space_of(store);
  const std::string_view filesystem = space ? network_filesystem(space->type) : std::string_view();
  if (filesystem.empty()) return outer;
  const bool one = TRY(keeps_one_owner(store, outer, filesystem, program));
  if (!one) return outer;
  plan::Plan narrowed;
  narrowed.user = std::move(outer.user);
  plan::fall_back_to_one_id(narrowed);
  outer.user = std::move(narrowed.user);
  outer.uids = outer.user.uid_map;
  outer.gids = outer.user.gid_map;
  return outer;
}

}  // namespace wolffia::cli
