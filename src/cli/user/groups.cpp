// SPDX-License-Identifier: Apache-2.0
#include "cli/user/groups.hpp"

#include "cli/user/tell.hpp"
#include "sys/credentials.hpp"
#include "sys/groups.hpp"

namespace wolffia::cli::user {

std::string groups_that_stay(const RunRequest& request, const OuterNamespace& outer) {
  std::string text;
  if (request.keep_groups || !outer.user.deny_setgroups) return text;
  const auto groups = sys::supplementary_groups();
  if (!groups) return text;
  for (const uint32_t gid : *groups)
    if (gid != sys::effective_gid()) text += cat(text.empty() ? "" : ", ", gid);
  return text;
}

void tell_groups(const RunRequest& request, const OuterNamespace& outer) {
  const std::string groups = groups_that_stay(request, outer);
  if (groups.empty()) return;
  tell(cat("the rights of your groups ", groups, " stay, as without subordinate gids nobody can ",
           "drop them: --group keep says that they may"));
}

}  // namespace wolffia::cli::user
