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

Result<void> read_rules(const Arguments& arguments, RunRequest& request) {
  constexpr size_t kMostRules = 1000;
  for (const auto& [option, text] : arguments.lists({&kAllow, &kDeny}))
    request.rules.push_back(TRY(parse_network_rule(cat("--", option->name), text)));
  request.offline = arguments.has(kOffline);
  if (request.rules.size() > kMostRules)
    return invalid(
        cat("--allow and --deny can be given ", kMostRules, " times, not ", request.rules.size()));
  if (!request.network || *request.network == Network::Slirp) return {};
  const std::string first = request.offline         ? std::string("--offline")
                            : request.rules.empty() ? std::string()
                                                    : request.rules[0].with_option();
  if (first.empty()) return {};
  return invalid(cat(first, " needs --net slirp: ",
                     *request.network == Network::Host ? "with host nothing stands before it"
                                                       : "with none nothing is reached anyway"));
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
    return invalid("--publish needs --net slirp: with host the program's own ports are the host's");
  TRY(read_rules(arguments, request));
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
