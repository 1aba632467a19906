// SPDX-License-Identifier: Apache-2.0
#include "overlay/operations.hpp"

#include "overlay/answer.hpp"
#include "sys/credentials.hpp"

namespace wolffia::overlay {
namespace {

constexpr unsigned kLargestRequest = 1 << 20;  // bytes; the kernel's FUSE_MAX_MAX_PAGES

void want(fuse_conn_info& connection, unsigned capability) {
  connection.want |= connection.capable & capability;
}

/// Locks are the kernel's own, as nobody else serves these files. Data are valid until we change
/// them, which only the kernel makes us do.
void on_init(void* data, fuse_conn_info* connection) noexcept {
  const Options& options = static_cast<const Overlay*>(data)->options();
  connection->want = 0;
  want(*connection, FUSE_CAP_ASYNC_READ | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_DONT_MASK |
                        FUSE_CAP_IOCTL_DIR | FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO |
                        FUSE_CAP_ASYNC_DIO | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_CACHE_SYMLINKS |
                        FUSE_CAP_EXPLICIT_INVAL_DATA);
  if (options.writeback) want(*connection, FUSE_CAP_WRITEBACK_CACHE);
  if (options.acl && options.attributes) want(*connection, FUSE_CAP_POSIX_ACL);
  connection->max_write = kLargestRequest;
  connection->max_readahead = kLargestRequest;
  connection->time_gran = 1;
}

void on_forget(fuse_req_t request, fuse_ino_t id, uint64_t lookups) noexcept {
  static_cast<Overlay*>(::fuse_req_userdata(request))->forget(id, lookups);
  ::fuse_reply_none(request);
}

void on_forget_several(fuse_req_t request, size_t count, fuse_forget_data* all) noexcept {
  Overlay& overlay = *static_cast<Overlay*>(::fuse_req_userdata(request));
  for (size_t i = 0; i < count; ++i)
    overlay.forget(all[i].ino, all[i].nlookup);
  ::fuse_reply_none(request);
}

fuse_lowlevel_ops make_operations() {
  fuse_lowlevel_ops all{};
  all.init = on_init;
  all.forget = on_forget;
  all.forget_multi = on_forget_several;
  add_name_operations(all);
  add_attribute_operations(all);
  add_file_operations(all);
  add_directory_operations(all);
  return all;
}

}  // namespace

const fuse_lowlevel_ops& operations() {
  static const fuse_lowlevel_ops all = make_operations();
  return all;
}

fuse_entry_param entry_of(const Seen& seen, const Overlay& overlay) {
  fuse_entry_param entry{};
  entry.ino = seen.node->id;
  entry.attr = seen.attributes;
  entry.attr_timeout = overlay.options().timeout;
  entry.entry_timeout = overlay.options().timeout;
  return entry;
}

void reply_entry(fuse_req_t request, const Seen& seen, Overlay& overlay) {
  const fuse_entry_param entry = entry_of(seen, overlay);
  if (::fuse_reply_entry(request, &entry) != 0) overlay.forget(seen.node->id, 1);
}

uint32_t process_of(fuse_req_t request) {
  return static_cast<uint32_t>(::fuse_req_ctx(request)->pid);
}

Caller caller_of(fuse_req_t request, const Overlay& overlay) {
  const fuse_ctx& context = *::fuse_req_ctx(request);
  Caller caller{context.uid, context.gid, context.umask};
  if (overlay.options().squash_uid) caller.uid = sys::effective_uid();
  if (overlay.options().squash_gid) caller.gid = sys::effective_gid();
  return caller;
}

Changer changer_of(fuse_req_t request) {
  const fuse_ctx& context = *::fuse_req_ctx(request);
  return {context.uid, context.gid};
}

}  // namespace wolffia::overlay
