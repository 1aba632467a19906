// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wolffia::image::remote {

/// What a connection to one host is verified with, and shows of itself.
struct Certificates {
  std::string authorities;       // PEM, in addition to the system's; may be empty
  std::string certificate_file;  // of the client; may be empty
  std::string key_file;
};

/// The files of `host` ("example.com:5000") below each of `directories`, the first of which that
/// has the host counts. Source: containers-certs.d(5). Errors: EINVAL where a certificate of the
/// client comes without its key; what cannot be read.
Result<Certificates> find_certificates(const std::vector<std::string>& directories,
                                       const std::string& host);

/// Where certs.d is looked for: below ~/.config/containers, /etc/containers and /etc/docker.
std::vector<std::string> certificate_directories();

/// The file and directory of the system's authorities: $SSL_CERT_FILE and $SSL_CERT_DIR, else
/// where distributions have them, so that a libcurl of one works on another; either may be empty.
struct SystemAuthorities {
  std::string file, directory;
};
SystemAuthorities system_authorities();

}  // namespace wolffia::image::remote
