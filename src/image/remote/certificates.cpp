// SPDX-License-Identifier: Apache-2.0
#include "image/remote/certificates.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "image/remote/config_files.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kFileLimit = 1U << 20;
constexpr size_t kNamesLimit = 1000;

// Debian, Arch; Fedora; SUSE; old Fedora; Alpine.
constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt",
                              "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                              "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                              "/etc/ssl/cert.pem"};

Result<void> add_file(Certificates& found, const sys::Fd& dir, const std::string& path,
                      const std::string& name) {
  if (name.ends_with(".crt")) {
    found.authorities += TRY(sys::read_file(dir, name.c_str(), kFileLimit), path, "/", name);
    found.authorities += '\n';
  } else if (name.ends_with(".cert") && found.certificate_file.empty()) {
    const std::string key = cat(name.substr(0, name.size() - 4), "key");
    if (!sys::stat_at(dir, key.c_str()))
      return Error::because(EINVAL, cat(path, "/", name, " needs its key, ", key, ", beside it"));
    found.certificate_file = cat(path, "/", name);
    found.key_file = cat(path, "/", key);
  }
  return {};
}

}  // namespace

Result<Certificates> find_certificates(const std::vector<std::string>& directories,
                                       const std::string& host) {
  Certificates found;
  for (const std::string& place : directories) {
    const std::string path = cat(place, "/", host);
    const auto dir = sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY);
    if (!dir && (dir.error().is(ENOENT) || dir.error().is(ENOTDIR))) continue;
    if (!dir) return Error(dir.error()).context(path);
    std::vector<std::string> names = TRY(sys::entry_names(*dir, kNamesLimit), path);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
      TRY(add_file(found, *dir, path, name));
    return found;
  }
  return found;
}

std::vector<std::string> certificate_directories() {
  std::vector<std::string> places = config_places("certs.d");
  places.emplace_back("/etc/docker/certs.d");
  return places;
}

SystemAuthorities system_authorities() {
  SystemAuthorities found;
  if (const char* file = ::getenv("SSL_CERT_FILE")) found.file = file;
  if (const char* directory = ::getenv("SSL_CERT_DIR")) found.directory = directory;
  if (!found.file.empty() || !found.directory.empty()) return found;
  for (const char* bundle : kBundles) {
    if (!sys::check_access(bundle, R_OK)) continue;
    found.file = bundle;
    break;
  }
  return found;
}

}  // namespace wolffia::image::remote
