// SPDX-License-Identifier: Apache-2.0
#include "overlay/forced.hpp"

#include <fcntl.h>

namespace wolffia::overlay {

Result<sys::Fd> open_forced(sys::FileAt file, int flags) {
  auto opened = open_unseen(file, flags);
  if (opened || !opened.error().is(EACCES)) return opened;
  const auto status = sys::stat_of(file);
  if (!status || !S_ISREG(status->st_mode)) return opened;
  const mode_t mode = status->st_mode & 07777;
  if (!sys::set_mode_of(file, mode | S_IRUSR | S_IWUSR)) return opened;
  opened = open_unseen(file, flags);
  TRY(sys::set_mode_of(file, mode));
  return opened;
}

Result<sys::Fd> open_unseen(sys::FileAt file, int flags) {
  auto opened = sys::open_again(file, flags | O_NOATIME);
  if (opened || !opened.error().is(EPERM)) return opened;
  return sys::open_again(file, flags);
}

}  // namespace wolffia::overlay
