// SPDX-License-Identifier: Apache-2.0
#include "cli/user/ground.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/seccomp_file.hpp"
#include "launch/fallback.hpp"
#include "launch/programs.hpp"
#include "oci/convert_image.hpp"
#include "plan/ranges.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kTableLimit = 4 << 20;  // of passwd and group: far above any real one
constexpr size_t kHostsLimit = 1 << 20;

/// What lies at `path` inside, or nothing where it is no regular file of usual size.
std::string read_table(const sys::Fd& root, const char* path) {
  const auto file = launch::open_inside(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return {};
  const auto status = sys::stat_fd(*file);
  if (!status || !S_ISREG(status->st_mode)) return {};
  auto text = sys::read_all(*file, kTableLimit);
  return text ? std::move(text).value() : std::string();
}

std::string wanted_user(const RunRequest& request, const oci::ImageConfig* image, Caller caller) {
  if (!request.user.empty()) return request.user;
  if (request.ids == Ids::Own) return cat(caller.uid, ":", caller.gid);
  return image && request.ids == Ids::All ? image->user : std::string();
}

/// The id outside that stands for the caller: the first of the map.
uint32_t first_of(const std::vector<oci::IdMap>& map) {
  return map.empty() ? 0 : map.front().container;
}

/// A user namespace within the outer one, where the ids inside are to be others than there: because
/// that was asked for, or because there is one id only and the image's user has another number.
void map_ids(const RunRequest& request, const OuterNamespace& outer, Caller caller,
             Ground& ground) {
  const oci::User& user = ground.user;
  uint32_t uid = request.ids == Ids::Own ? caller.uid : 0;
  uint32_t gid = request.ids == Ids::Own ? caller.gid : 0;
  if (request.ids == Ids::All) {
    const bool known = plan::maps(outer.uids, user.uid) && plan::maps(outer.gids, user.gid);
    if (known || !has_one_id(outer)) return;
    uid = user.uid;
    gid = user.gid;
  }
  ground.uid_map = oci::IdMap{uid, first_of(outer.uids), 1};
  ground.gid_map = oci::IdMap{gid, first_of(outer.gids), 1};
}

/// The directory the program starts in is made where the image forgot it, as other engines do. What
/// stands in its way the runtime tells.
Result<void> make_workdir(const sys::Fd& root, const RunRequest& request, const Ground& ground) {
  const std::string& wanted = request.workdir.empty() ? ground.workdir : request.workdir;
  if (wanted.empty()) return {};
  if (wanted[0] != '/')
    return Error::because(EINVAL, cat("the image's WorkingDir ", quoted(wanted),
                                      " must be absolute: give another with --workdir"));
  if (!request.readonly && !ground.readonly) (void)sys::make_directories(root, wanted, 0755);
  return {};
}

Result<std::string> host_text(const char* path) {
  auto text = sys::read_file(sys::cwd(), path, kHostsLimit);
  if (!text && text.error().is(ENOENT)) return std::string();
  return text;
}

Result<std::string> hosts_text(const RunRequest& request, bool is_connected) {
  std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
  if (request.network == Network::Host) text = TRY(host_text("/etc/hosts"), "/etc/hosts");
  if (request.network != Network::Host)
    text += cat(is_connected ? helper::kGuestAddress : "127.0.1.1", "\t",
                request.hostname.empty() ? "wolffia" : request.hostname, "\n");
  for (const std::string& line : request.hosts)
    text += line;
  return text;
}

/// A line of the host's resolv.conf that the container has too: with a network of its own the name
/// server is wolffia-net's, and names are looked for where the host does.
bool is_taken_over(std::string_view line, const RunRequest& request, bool is_connected) {
  if (line.starts_with("nameserver")) return !is_connected;
  if (line.starts_with("search") || line.starts_with("domain"))
    return is_connected && request.dns_search.empty();
  return line.starts_with("options");
}

/// A connected network has one name server for those of each kind of address; where there is none
/// at all the first one says so.
std::string connected_servers(std::string_view asked) {
  bool ipv4 = false;
  bool ipv6 = false;
  for (Words lines(asked, '\n'); !lines.empty();) {
    const std::string_view line = lines.next();
    if (!line.starts_with("nameserver")) continue;
    (line.find(':') == line.npos ? ipv4 : ipv6) = true;
  }
  std::string text;
  if (ipv4 || !ipv6) text += cat("nameserver ", helper::kNameserverAddress, "\n");
  if (ipv6) text += cat("nameserver ", helper::kNameserverAddress6, "\n");
  return text;
}

/// The name servers of the command line, or where it has none the host's, which wolffia-net asks
/// where there is one: so they are reached whatever else is not, and names of rules are learnt from
/// them. resolv.conf(5).
Result<std::string> resolv_conf_text(const RunRequest& request, bool is_connected) {
  std::string text;
  for (const std::string& address : request.dns)
    text += cat("nameserver ", address, "\n");
  if (is_connected && !text.empty()) text = connected_servers(text);
  if (request.dns.empty()) {
    const std::string host = TRY(host_text("/etc/resolv.conf"), "/etc/resolv.conf");
    if (is_connected) text += connected_servers(host);
    for (Words lines(host, '\n'); !lines.empty();) {
      const std::string_view line = lines.next();
      if (is_taken_over(line, request, is_connected)) text += cat(line, "\n");
    }
  }
  std::string domains;
  for (const std::string& domain : request.dns_search)
    if (domain != ".") domains += cat(" ", domain);
  if (!domains.empty()) text += cat("search", domains, "\n");
  return text;
}

}  // namespace

Result<oci::UserTables> read_user_tables(const std::string& root) {
  const sys::InRoot inside = TRY(sys::open_root(root.c_str()), root);
  return oci::UserTables{read_table(inside, "etc/passwd"), read_table(inside, "etc/group")};
}

Ground ground_of_image(const RunRequest& request, const oci::ImageConfig& config) {
  Ground ground;
  ground.args = oci::image_arguments(config, request.entrypoint, request.command);
  ground.env = config.env;
  ground.workdir = config.working_dir;
  ground.annotations = oci::image_annotations(config);
  for (const auto& [name, value] : request.labels)
    oci::set_annotation(ground.annotations, name, value);
  ground.volumes = oci::image_volumes(config);
  return ground;
}

Result<Ground> prepare_ground(const RunRequest& request, const oci::ImageConfig* image,
                              const PreparedRoot& root, const OuterNamespace& outer,
                              Caller caller) {
  const sys::InRoot inside = TRY(sys::open_root(root.path.c_str()), root.path);
  Ground ground = ground_of_image(request, image ? *image : oci::ImageConfig());
  ground.root = root.path;
  ground.readonly = root.readonly;
  const oci::UserTables tables = TRY(read_user_tables(root.path));
  ground.user = TRY(oci::resolve_user(wanted_user(request, image, caller), tables));
  map_ids(request, outer, caller, ground);
  if (image) TRY(make_workdir(inside, request, ground));
  if (!request.seccomp.file.empty()) ground.seccomp = TRY(load_seccomp(request));
  ground.limits = TRY(plan_limits(request, place_for_limits(request, caller.uid)));
  return ground;
}

Result<void> write_network_files(const RunRequest& request, const ContainerDir& container,
                                 Ground& ground) {
  if (request.kind != RootKind::Directory || !request.hosts.empty()) {
    const std::string text = TRY(hosts_text(request, ground.is_connected));
    TRY(sys::replace_file(container.fd, "hosts", text, sys::Durable::No));
    TRY(sys::change_mode(container.fd, "hosts", 0644));  // whoever the program is
    ground.hosts = cat(container.path, "/hosts");
  }
  if (request.dns.empty() && request.dns_search.empty() && !ground.is_connected) return {};
  const std::string text = TRY(resolv_conf_text(request, ground.is_connected));
  TRY(sys::replace_file(container.fd, "resolv.conf", text, sys::Durable::No));
  TRY(sys::change_mode(container.fd, "resolv.conf", 0644));
  ground.resolv_conf = cat(container.path, "/resolv.conf");
  return {};
}

Result<void> write_init_program(const RunRequest& request, const ContainerDir& container,
                                Ground& ground) {
  if (!request.init) return {};
  constexpr size_t kLimit = 8 << 20;  // of a static libc, where it is linked with one
  constexpr const char* kName = "init";
  const std::string path = TRY(launch::find_program("wolffia-init"));
  const std::string program = TRY(sys::read_file(sys::cwd(), path.c_str(), kLimit), path);
  TRY(sys::replace_file(container.fd, kName, program, sys::Durable::No));
  TRY(sys::change_mode(container.fd, kName, 0755));
  ground.init_program = cat(container.path, "/", kName);
  return {};
}

}  // namespace wolffia::cli::user
