// SPDX-License-Identifier: Apache-2.0
#include "cli/user/facts.hpp"

#include <algorithm>
#include <array>

#include "base/human_size.hpp"
#include "cli/user/defaults.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/owners/keeper.hpp"
#include "cli/user/published.hpp"

namespace wolffia::cli::user {
namespace {

using Words = std::vector<std::string>;
using How = plan::UserNamespacePlan::How;

const std::string kKeeper = cat("/", owners::kSocket);
constexpr std::string_view kImage = "the image's config";

struct NamespaceReason {
  oci::NamespaceType type;
  std::string_view name, reason;
};

constexpr std::array kNamespaces{
    NamespaceReason{oci::NamespaceType::Pid, "pid", "it sees its own processes only"},
    NamespaceReason{oci::NamespaceType::Ipc, "ipc", "it shares no memory with the host"},
    NamespaceReason{oci::NamespaceType::Uts, "uts", "it has its own host name"},
    NamespaceReason{oci::NamespaceType::Mount, "mount", "it has its own root"},
    NamespaceReason{oci::NamespaceType::Cgroup, "cgroup", "it does not see where the host put it"},
    NamespaceReason{oci::NamespaceType::Network, "network", "it has its own network"},
    NamespaceReason{oci::NamespaceType::User, "user", "the program has another number than root"},
};

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string span_of(uint32_t first, uint32_t size) {
  return size == 1 ? cat(first) : cat(first, "-", first + (size - 1));
}

std::string joined(const Words& words) {
  std::string out;
  for (const std::string& word : words)
    out += cat(out.empty() ? "" : " ", word);
  return out;
}

/// Collects the facts, kind by kind.
class Explanation {
 public:
  explicit Explanation(const Explained& it) : it_(it), request_(it.request), spec_(it.spec) {}

  Result<std::vector<Fact>> all() {
    namespaces();
    ids();
    facts_.push_back(it_.storage);
    mounts();
    paths();
    process();
    variables();
    capabilities();
    seccomp();
    network();
    TRY(limits());
    return std::move(facts_);
  }

 private:
  void add(std::string_view kind, std::string what, std::string_view reason) {
    facts_.push_back({std::string(kind), std::move(what), std::string(reason)});
  }

  void namespaces() {
    if (it_.outer.user.how == How::New)
      add("namespace", "user, outer", "default: only there ordinary users may mount");
    for (const oci::Namespace& one : spec_.linux.namespaces)
      for (const NamespaceReason& row : kNamespaces)
        if (row.type == one.type)
          add("namespace", std::string(row.name), cat("default: ", row.reason));
    // The runtime is started in it: config.json says nothing of it.
    const bool is_listed = std::ranges::any_of(
        spec_.linux.namespaces,
        [](const oci::Namespace& it) { return it.type == oci::NamespaceType::Network; });
    if (request_.network == Network::Slirp && !is_listed)
      add("namespace", "network", "default: it has its own network");
  }

  void map(std::string_view kind, const std::vector<oci::IdMap>& lines, std::string_view reason) {
    for (const oci::IdMap& line : lines)
      add("ids",
          cat(kind, " ", span_of(line.container, line.size), " inside is ",
              span_of(line.host, line.size), " outside"),
          reason);
  }

  void ids() {
    const bool ranges =
        it_.outer.user.how == How::New && it_.outer.user.writer == plan::MapWriter::Helpers;
    const std::string_view reason = it_.outer.user.how != How::New
                                        ? "the user namespace wolffia was started in"
                                    : ranges ? "you, and your ranges of /etc/subuid and /etc/subgid"
                                             : "you: there are no subordinate ids for you";
    map("uid", it_.outer.uids, reason);
    map("gid", it_.outer.gids, reason);
    const std::string_view inner = request_.ids == Ids::Own    ? "--userns keep-id"
                                   : request_.ids == Ids::Root ? "--userns root"
                                                               : "the user has another number";
    map("inner uid", spec_.linux.uid_mappings, inner);
    map("inner gid", spec_.linux.gid_mappings, inner);
    if (spec_.linux.seccomp && spec_.linux.seccomp->listener_path.ends_with(kKeeper))
      add("ids", "other owners of files are noted in attributes", "one id exists, and is root");
  }

  std::string reason_of(const oci::Mount& mount) const {
    for (size_t i = request_.mounts.size(); i-- > 0;)
      if (request_.mounts[i].destination == mount.destination)
        return std::string(request_.mounted_by[i]);
    if (mount.destination == "/sys" && mount.type == "bind") return "--network host: the host's";
    for (const FixedMount& fixed : kScratchMounts)
      if (fixed.target == mount.destination) return "--read-only: programs write there";
    if (it_.image && has(it_.image->volumes, mount.destination))
      return cat("--read-only: a volume of ", kImage);
    if (mount.destination == "/etc/resolv.conf")
      return !request_.dns.empty()                ? "--dns"
             : !request_.dns_search.empty()       ? "--dns-search"
             : request_.network == Network::Slirp ? "default: the name server of wolffia-net"
                                                  : "--network host: the host's name servers";
    if (mount.destination == "/dev/shm" && request_.shm_size != 0) return "--shm-size";
    if (mount.destination == "/etc/hosts")
      return request_.hosts.empty() ? "default: its names" : "--add-host";
    if (mount.destination == "/etc/passwd" || mount.destination == "/etc/group")
      return "default: the root's own, with who the program is";
    if (mount.destination == kInitPath) return "--init";
    return "default: programs expect it";
  }

  void mounts() {
    for (const oci::Mount& mount : spec_.mounts) {
      const std::string what = mount.type == "bind" ? mount.source : mount.type;
      add("mount", cat(mount.destination, ": ", what, " ", joined(mount.options)),
          reason_of(mount));
    }
  }

  void paths() {
    for (const std::string& path : spec_.linux.masked_paths)
      add("hidden", path, "default: it tells of the host");
    for (const std::string& path : spec_.linux.readonly_paths)
      add("read-only", path, "default: it gives orders to the host");
    if (request_.readonly) add("read-only", "/", "--read-only");
  }

  std::string reason_of_user() const {
    if (!request_.user.empty()) return "--user";
    if (request_.ids == Ids::Own) return "--userns keep-id";
    if (it_.image && !it_.image->user.empty()) return cat(kImage, ": ", it_.image->user);
    return "default: root inside";
  }

  void process() {
    const oci::Process& process = *spec_.process;
    const bool typed = request_.entrypoint || !request_.command.empty();
    add("process", joined(process.args),
        typed       ? "the command line"
        : it_.image ? kImage
                    : "default");
    add("user", cat(process.user.uid, ":", process.user.gid), reason_of_user());
    add("directory", process.cwd,
        !request_.workdir.empty()                      ? "--workdir or --here"
        : it_.image && !it_.image->working_dir.empty() ? kImage
                                                       : "default");
    add("hostname", spec_.hostname,
        request_.hostname.empty() ? "default: the host's is nobody's business" : "--hostname");
    add("no_new_privs", process.no_new_privileges ? "on" : "off",
        request_.no_new_privileges ? "default: setuid programs give nobody rights"
                                   : "--security-opt no-new-privileges=false");
    if (request_.keep_groups) add("groups", "yours are kept", "--group keep");
    if (!it_.groups.empty())
      add("groups", cat("yours stay: ", it_.groups),
          "without subordinate gids nobody can drop them: subgid(5)");
  }

  std::string reason_of(const std::string& variable) const {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    const auto& env = request_.env;
    for (size_t i = env.size(); i-- > 0;)
      if (env[i] == variable) return i < request_.env_of_files ? "--env-file" : "--env";
    if (name == "HOME" && !request_.home.empty()) return "--home";
    if (it_.image && has(it_.image->env, variable)) return std::string(kImage);
    if (variable == kPath) return "default";
    return "default: the host's, of TERM, LANG, LC_ALL and TZ";
  }

  void variables() {
    for (const std::string& variable : spec_.process->env)
      add("variable", variable, reason_of(variable));
  }

  void capabilities() {
    const Words& given = spec_.process->capabilities->bounding;
    for (const std::string& name : given) {
      const bool asked = has(request_.cap_add, name) || has(request_.cap_add, "ALL");
      add("capability", name,
          asked ? "--cap-add" : "default: over its own ids and namespaces only");
    }
    for (const char* name : kCapabilities)
      if (!has(given, name)) add("capability", cat("no ", name), "--cap-drop");
  }

  void seccomp() {
    if (!spec_.linux.seccomp)
      return add("seccomp", "no filter", "--security-opt seccomp=unconfined");
    size_t calls = 0;
    for (const oci::SeccompRule& rule : spec_.linux.seccomp->syscalls)
      calls += rule.names.size();
    add("seccomp",
        cat(calls, " system calls have rules, all others ", spec_.linux.seccomp->default_action),
        request_.seccomp.file.empty() ? "default: the profile of wolffia"
                                      : cat("--security-opt seccomp=", request_.seccomp.file));
  }

  void network() {
    if (request_.network == Network::Host) return add("network", "the host's", "--network host");
    if (request_.network == Network::Slirp)
      add("network", "its own, connected by wolffia-net; the host is not reached",
          request_.network_reason);
    else
      add("network", "none but its own lo", request_.network_reason);
    if (request_.network == Network::Slirp)
      for (const std::string& address : request_.dns)
        add("network", cat("names are asked of ", address), "--dns");
    const helper::NetworkPolicy& policy = request_.policy;
    if (policy.offline) add("network", "only name servers, and what is allowed", "--offline");
    for (const NetworkRule& rule : policy.rules)
      add("network", cat(rule.allows ? "reached: " : "not reached: ", rule.text),
          rule.allows ? "--allow" : "--deny");
    if (policy.upload_rate != 0)
      add("network", cat("it sends ", human_size(policy.upload_rate), " a second"),
          "--upload-rate");
    if (policy.download_rate != 0)
      add("network", cat("it gets ", human_size(policy.download_rate), " a second"),
          "--download-rate");
    if (policy.outbound != helper::OutboundWay::Auto)
      add("network", cat("its connections are led by ", helper::word_for(policy.outbound)),
          "--outbound");
    for (const helper::PublishedPort& port : request_.ports)
      add("port", text_of(port), "--publish");
  }

  Result<void> limits() {
    const LimitPlan plan = TRY(plan_limits(request_, it_.place));
    for (const Ulimit& limit : plan.rlimits)
      add("limit", cat(limit.type, " ", limit.soft, ":", limit.hard, ", of each process"),
          "--ulimit, or in place of a cgroup");
    for (const auto* sentences : {&plan.kept, &plan.sentences})
      for (const std::string& sentence : *sentences)
        add("limit", sentence.substr(0, sentence.find(": ")),
            sentence.substr(sentence.find(": ") + 2));
    if (request_.timeout) add("limit", cat("ends after ", request_.timeout, " s"), "--timeout");
    if (request_.stop_timeout != kUsualPatience)
      add("limit", cat("is killed ", request_.stop_timeout, " s after it was asked to end"),
          "--stop-timeout");
    return {};
  }

  const Explained& it_;
  const RunRequest& request_;
  const oci::Spec& spec_;
  std::vector<Fact> facts_;
};

}  // namespace

Result<std::vector<Fact>> facts_of(const Explained& it) {
  return Explanation(it).all();
}

}  // namespace wolffia::cli::user
