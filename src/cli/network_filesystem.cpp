// SPDX-License-Identifier: Apache-2.0
#include "cli/network_filesystem.hpp"

#include <algorithm>
#include <iterator>

namespace wolffia::cli {
namespace {

/// The file systems of other machines, and those that a process of ours serves. linux/magic.h has
/// no more than a few of them; the others are as their own sources have them.
struct RemoteType {
  uint64_t type;
  std::string_view name;
};
constexpr RemoteType kRemoteTypes[] = {
    {0x6969, "nfs"},       {0x0BD00BD0, "lustre"},   {0x47504653, "gpfs"},  {0xFF534D42, "cifs"},
    {0xFE534D42, "smb2"},  {0x517B, "smb"},          {0x00C36400, "ceph"},  {0x19830326, "beegfs"},
    {0x5346414F, "afs"},   {0x6B414653, "kafs"},     {0x73757245, "coda"},  {0x01021997, "9p"},
    {0xAAD7AAEA, "panfs"}, {0x20030528, "orangefs"}, {0x7461636F, "ocfs2"}, {0x01161970, "gfs2"},
    {0x65735546, "fuse"},
};

}  // namespace

std::string_view network_filesystem(uint64_t type) {
  const auto* row = std::find_if(std::begin(kRemoteTypes), std::end(kRemoteTypes),
                                 [&](const RemoteType& known) { return known.type == type; });
  return row == std::end(kRemoteTypes) ? std::string_view() : row->name;
}

}  // namespace wolffia::cli
