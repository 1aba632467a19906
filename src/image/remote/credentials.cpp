// SPDX-License-Identifier: Apache-2.0
#include "image/remote/credentials.hpp"

#include "base/base64.hpp"
#include "image/remote/config_files.hpp"
#include "image/remote/credential_helper.hpp"
#include "json/field.hpp"

namespace wolffia::image::remote {
namespace {

Result<Credentials> parse_entry(const json::Object& entry) {
  Credentials found;
  std::string auth;
  TRY(entry.read("auth", auth));
  TRY(entry.read("identitytoken", found.identity_token));
  if (auth.empty()) return found;
  const auto pair = base64_decode(auth);
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return entry.invalid("auth", "must be USER:PASSWORD in base 64");
  found.user = pair->substr(0, colon);
  found.password = pair->substr(colon + 1);
  while (found.password.ends_with('\0'))  // docker pads with them
    found.password.pop_back();
  return found;
}

bool is_empty(const Credentials& credentials) {
  return credentials.user.empty() && credentials.identity_token.empty();
}

/// The host that docker means by a key with a scheme; else the key as it is.
std::string_view host_of_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    key = key.substr(0, key.find('/'));
  }
  return canonical_host(key);
}

}  // namespace

std::string_view canonical_host(std::string_view host) {
  return host == "registry-1.docker.io" || host == "index.docker.io" ? "docker.io" : host;
}

const Credentials* AuthFile::find(std::string_view name) const {
  for (std::string_view key = name;; key = key.substr(0, key.rfind('/'))) {
    for (const Entry& entry : entries)
      if (entry.key == key) return &entry.credentials;
    if (key.find('/') != std::string_view::npos) continue;
    for (const Entry& entry : entries)
      if (host_of_key(entry.key) == canonical_host(key)) return &entry.credentials;
    return nullptr;
  }
}

std::string_view AuthFile::helper(std::string_view host) const {
  for (const Helper& helper : helpers)
    if (host_of_key(helper.host) == canonical_host(host)) return helper.name;
  return store;
}

Result<AuthFile> parse_auth_file(std::string text, const std::string& path) {
  const json::Document document = TRY(json::Document::parse(std::move(text), path));
  const json::Object root = TRY(document.root().as<json::Object>());
  AuthFile file;
  if (const auto auths = root.find("auths")) {
    for (const auto& [key, value] : TRY(auths->as<json::Object>()).members()) {
      const json::Object entry = TRY(value.as<json::Object>());
      Credentials credentials = TRY(parse_entry(entry), path);
      if (!is_empty(credentials)) file.entries.push_back({std::string(key), credentials});
    }
  }
  json::StringMap helpers;
  TRY(root.read("credHelpers", helpers), path);
  for (auto& [host, name] : helpers)
    file.helpers.push_back({host, name});
  TRY(root.read("credsStore", file.store), path);
  return file;
}

std::vector<std::string> auth_files(const std::string& wanted) {
  if (!wanted.empty()) return {wanted};
  if (auto file = environment("REGISTRY_AUTH_FILE")) return {*std::move(file)};
  std::vector<std::string> files;
  if (const auto runtime = environment("XDG_RUNTIME_DIR"))
    files.push_back(cat(*runtime, "/containers/auth.json"));
  files.push_back(config_places("auth.json").front());
  if (const auto docker = environment("DOCKER_CONFIG"))
    files.push_back(cat(*docker, "/config.json"));
  else if (const auto own = home())
    files.push_back(cat(*own, "/.docker/config.json"));
  return files;
}

Result<std::optional<Credentials>> find_credentials(const std::vector<std::string>& files,
                                                    std::string_view name) {
  const std::string_view host = canonical_host(name.substr(0, name.find('/')));
  for (const std::string& path : files) {
    std::optional<std::string> text = TRY(read_config(path));
    if (!text) continue;
    const AuthFile file = TRY(parse_auth_file(*std::move(text), path));
    const std::string_view helper = file.helper(host);
    if (!helper.empty()) {
      std::optional<Credentials> kept = TRY(ask_helper(helper, helper_server(host)), path);
      if (kept) return kept;
    }
    if (const Credentials* found = file.find(name)) return std::optional(*found);
  }
  return std::optional<Credentials>();
}

}  // namespace wolffia::image::remote
