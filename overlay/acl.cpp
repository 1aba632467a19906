// SPDX-License-Identifier: Apache-2.0
#include "overlay/acl.hpp"

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>

#include <cstring>

namespace wolffia::overlay {

std::optional<std::string> translate_acl(std::string_view value, const IdNames& users,
                                         const IdNames& groups) {
  posix_acl_xattr_header header{};
  posix_acl_xattr_entry entry{};
  if (value.size() < sizeof header || (value.size() - sizeof header) % sizeof entry != 0)
    return std::nullopt;
  std::memcpy(&header, value.data(), sizeof header);
  if (::le32toh(header.a_version) != POSIX_ACL_XATTR_VERSION) return std::nullopt;
  std::string out(value);
  for (size_t at = sizeof header; at < out.size(); at += sizeof entry) {
    std::memcpy(&entry, out.data() + at, sizeof entry);
    const unsigned tag = ::le16toh(entry.e_tag);
    if (tag != ACL_USER && tag != ACL_GROUP) continue;
    const auto id = (tag == ACL_USER ? users : groups)(::le32toh(entry.e_id));
    if (!id) return std::nullopt;
    entry.e_id = ::htole32(*id);
    std::memcpy(out.data() + at, &entry, sizeof entry);
  }
  return out;
}

}  // namespace wolffia::overlay
