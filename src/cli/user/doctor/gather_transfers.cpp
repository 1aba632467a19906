// SPDX-License-Identifier: Apache-2.0
#include <time.h>
#include <unistd.h>

#include "cli/user/doctor/gather_parts.hpp"
#include "cli/user/doctor/proxy.hpp"
#include "sys/file.hpp"
#include "sys/reach.hpp"

namespace wolffia::cli::user::doctor {
namespace {

/// Where distributions keep the authorities' certificates.
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",              // SUSE
    "/etc/ssl/cert.pem",                   // others
};

void find_certificates(Transfers& transfers) {
  transfers.certificates = variable("SSL_CERT_FILE");
  if (!transfers.certificates.empty()) {
    transfers.has_certificates =
        static_cast<bool>(sys::check_access(transfers.certificates.c_str(), R_OK));
    return;
  }
  if (!variable("SSL_CERT_DIR").empty()) return;
  transfers.has_certificates = false;
  for (const char* bundle : kBundles) {
    if (!sys::check_access(bundle, R_OK)) continue;
    transfers.has_certificates = true;
    transfers.certificates = bundle;
    return;
  }
}

/// What is on this machine was written before now: a clock that was reset says otherwise.
void compare_clock(Transfers& transfers, const std::string& executable) {
  transfers.now = ::time(nullptr);
  for (const std::string& path :
       {executable, transfers.certificates, std::string("/var/log/wtmp")}) {
    const auto status = sys::stat_at(sys::cwd(), path.c_str());
    if (!status || status->st_mtime <= transfers.newest) continue;
    transfers.newest = status->st_mtime;
    transfers.newest_name = path;
  }
}

/// Names are left to the resolver of whoever uses the proxy.
bool is_numeric(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos ||
         host.find(':') != std::string::npos;
}

void look_at_proxy(Transfers& transfers, std::chrono::milliseconds patience) {
  // The order of libcurl: of its own protocol, then of all.
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const std::string value = variable(name);
    if (value.empty()) continue;
    transfers.proxy_variable = name;
    transfers.proxy = without_credentials(value);
    break;
  }
  if (transfers.proxy_variable.empty()) {
    transfers.only_http_proxy = !variable("http_proxy").empty();
    return;
  }
  std::optional<ProxyAddress> address = parse_proxy(transfers.proxy);
  transfers.proxy_valid = address.has_value();
  if (!address) return;
  if (address->host == "localhost") address->host = "127.0.0.1";
  if (!is_numeric(address->host)) return;
  if (auto reached = sys::reach(address->host, address->port, patience); !reached)
    transfers.proxy_code = reached.error().code();
}

}  // namespace

Transfers gather_transfers(const std::string& executable, std::chrono::milliseconds patience) {
  Transfers transfers;
  find_certificates(transfers);
  compare_clock(transfers, executable);
  look_at_proxy(transfers, patience);
  return transfers;
}

}  // namespace wolffia::cli::user::doctor
