// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/user/options.hpp"
#include "cli/user/published.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {
namespace {

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

/// 64 KiB are one packet.
Result<uint64_t> read_rate(const Arguments& arguments, const Option& option) {
  constexpr uint64_t kLeast = 1024;
  constexpr uint64_t kMost = uint64_t{1} << 40;
  const auto text = arguments.find(option);
  if (!text) return uint64_t{0};
  const uint64_t bytes = TRY(parse_size(cat("--", option.name), *text));
  if (bytes < kLeast || bytes > kMost)
    return invalid(cat("--", option.name, " ", quoted(*text), " must be from 1k to 1024g"));
  return bytes;
}

helper::OutboundWay read_outbound(const Arguments& arguments) {
  const auto way = arguments.find(kOutbound);
  if (!way || *way == "auto") return helper::OutboundWay::Auto;
  return *way == "splice" ? helper::OutboundWay::Splice : helper::OutboundWay::Slirp;
}

/// The first option of a policy, as it was written.
std::string first_option(const helper::NetworkPolicy& policy) {
  if (policy.offline) return "--offline";
  if (!policy.rules.empty()) return policy.rules[0].with_option();
  if (policy.upload_rate != 0) return "--upload-rate";
  return policy.download_rate != 0 ? "--download-rate" : "--outbound";
}

Result<void> read_policy(const Arguments& arguments, RunRequest& request) {
  constexpr size_t kMostRules = 1000;
  helper::NetworkPolicy& policy = request.policy;
  for (const auto& [option, text] : arguments.lists({&kAllow, &kDeny}))
    policy.rules.push_back(TRY(parse_network_rule(cat("--", option->name), text)));
  if (policy.rules.size() > kMostRules)
    return invalid(
        cat("--allow and --deny can be given ", kMostRules, " times, not ", policy.rules.size()));
  policy.offline = arguments.has(kOffline);
  policy.upload_rate = TRY(read_rate(arguments, kUploadRate));
  policy.download_rate = TRY(read_rate(arguments, kDownloadRate));
  policy.outbound = read_outbound(arguments);
  if (!request.network || *request.network == Network::Slirp || policy.is_empty()) return {};
  return invalid(cat(first_option(policy), " needs --net slirp: ",
                     *request.network == Network::Host ? "with host nothing stands before it"
                                                       : "with none nothing is reached anyway"));
}

/// The option that says which network it has.
std::string reason_of(const RunRequest& request) {
  if (request.network == Network::Slirp) return "--network slirp";
  if (request.network)
    return *request.network == Network::Host ? "--network host" : "--network none";
  if (!request.ports.empty()) return "--publish";
  return request.policy.is_empty() ? "default" : first_option(request.policy);
}

}  // namespace

Result<void> read_network(const Arguments& arguments, RunRequest& request) {
  for (const Option* option : {&kNet, &kNetwork})
    if (const auto net = arguments.find(*option))
      request.network = *net == "host"    ? Network::Host
                        : *net == "slirp" ? Network::Slirp
                                          : Network::None;
  for (const std::string& text : arguments.list(kPublish))
    TRY(parse_ports(text, request.ports));
  if (!request.ports.empty() && request.network && *request.network != Network::Slirp)
    return invalid(cat("--publish needs --net slirp: ",
                       *request.network == Network::Host
                           ? "with host the program's own ports are the host's"
                           : "with none nothing leads inside"));
  TRY(read_policy(arguments, request));
  request.network_reason = reason_of(request);
  if (request.network == Network::Slirp && request.kind == RootKind::Bundle)
    return invalid("--net slirp is not for a bundle: use the root file system's directory");
  request.dns = arguments.list(kDns);
  for (const std::string& address : request.dns)
    if (!is_address(address)) return invalid(cat("--dns ", quoted(address), " must be an address"));
  request.dns_search = arguments.list(kDnsSearch);
  for (const std::string& domain : request.dns_search)
    if (domain.empty() || domain.find_first_of(" \t\n") != std::string::npos)
      return invalid(cat("--dns-search ", quoted(domain), " must be a domain"));
  for (const std::string& text : arguments.list(kAddHost))
    request.hosts.push_back(TRY(parse_host_line(text)));
  request.hostname = arguments.value(kHostname);
  return {};
}

}  // namespace wolffia::cli::user
