// SPDX-License-Identifier: Apache-2.0
#include "overlay/forced.hpp"

namespace wolffia::overlay {

Result<sys::Fd> open_forced(sys::FileAt file, int flags) {
  auto opened = sys::open_again(file, flags);
  if (opened || !opened.error().is(EACCES)) return opened;
  const auto status = sys::stat_of(file);
  if (!status || !S_ISREG(status->st_mode)) return opened;
  const mode_t mode = status->st_mode & 07777;
  if (!sys::set_mode_of(file, mode | S_IRUSR | S_IWUSR)) return opened;
  opened = sys::open_again(file, flags);
  TRY(sys::set_mode_of(file, mode));
  return opened;
}

}  // namespace wolffia::overlay
