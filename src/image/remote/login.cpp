// SPDX-License-Identifier: Apache-2.0
#include "image/remote/login.hpp"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/base64.hpp"
#include "image/remote/config_files.hpp"
#include "image/remote/credential_helper.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"

namespace wolffia::image::remote {
namespace {

constexpr mode_t kPrivate = 0700;

void write_entry(json::Writer& out, const std::string& key, const Credentials& credentials) {
  out.key(key).begin_object();
  if (!credentials.user.empty())
    out.member("auth", base64_encode(cat(credentials.user, ":", credentials.password)));
  if (!credentials.identity_token.empty()) out.member("identitytoken", credentials.identity_token);
  out.end_object();
}

/// The "auths" of `document` with the one entry replaced; the others in the bytes they had.
void write_auths(json::Writer& out, const json::Document& document, const json::Object& root,
                 const std::string& key, const std::optional<Credentials>& credentials) {
  out.key("auths").begin_object();
  if (const auto auths = root.find("auths"))
    if (const auto entries = auths->as<json::Object>())
      for (const auto& [name, value] : entries->members())
        if (name != key) out.key(name).raw(document.raw({"auths", name}));
  if (credentials) write_entry(out, key, *credentials);
  out.end_object();
}

/// The directory of `path`, made where it is missing.
Result<sys::Fd> open_parent(const std::string& path) {
  const std::string parent = path.substr(0, std::max<size_t>(path.rfind('/'), 1));
  for (size_t end = parent.find('/', 1);; end = parent.find('/', end + 1)) {
    const auto made = sys::make_directory(sys::cwd(), parent.substr(0, end).c_str(), kPrivate);
    if (!made && !made.error().is(EEXIST) && end == std::string::npos)
      return Error(made.error()).context(parent);
    if (end == std::string::npos) break;
  }
  return sys::open_at(sys::cwd(), parent.c_str(), O_RDONLY | O_DIRECTORY);
}

/// Two who log in at once do so one after the other. Where the file system has no locks, the last
/// one wins, as with docker.
Result<sys::Fd> lock(const sys::Fd& dir, const std::string& name) {
  sys::Fd file =
      TRY(sys::open_at(dir, cat(".", name, ".lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  for (int i = 0; i < 500; ++i) {
    const auto taken = sys::try_lock(file);
    if (!taken || *taken) return file;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Error::because(EBUSY, "somebody else is logging in for too long");
}

/// Links that a person made to keep the file elsewhere are followed, not replaced.
std::string real_path(const std::string& path) {
  auto real = sys::resolve(path.c_str());
  if (real) return std::move(real).value();
  return path.find('/') == std::string::npos ? cat("./", path) : path;
}

/// Replaces the entry of `key` in the file.
Result<void> replace_entry(const std::string& path, const std::string& key,
                           const std::optional<Credentials>& credentials) {
  const sys::Fd dir = TRY(open_parent(path));
  const std::string name = path.substr(path.rfind('/') + 1);
  const sys::Fd locked = TRY(lock(dir, name), path);
  std::string before = TRY(read_config(path)).value_or("");
  const std::string after = TRY(with_entry(std::move(before), path, key, credentials));
  return sys::replace_file(dir, name.c_str(), after, sys::Durable::Yes);
}

struct Keeper {
  std::string helper;  // empty: the file itself
  std::string server;  // what the helper knows the host as
  bool in_file = false;
};

Result<Keeper> keeper_of(const std::string& path, const std::string& key) {
  std::optional<std::string> text = TRY(read_config(path));
  if (!text) return Keeper{};
  const AuthFile file = TRY(parse_auth_file(*std::move(text), path));
  const std::string host(canonical_host(key.substr(0, key.find('/'))));
  Keeper keeper;
  keeper.helper = file.helper(host);
  keeper.server = helper_server(host);
  for (const AuthFile::Entry& entry : file.entries)
    keeper.in_file = keeper.in_file || entry.key == key;
  return keeper;
}

}  // namespace

Result<std::string> login_file(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (auto file = environment("REGISTRY_AUTH_FILE")) return *std::move(file);
  if (const auto runtime = environment("XDG_RUNTIME_DIR"))
    return cat(*runtime, "/containers/auth.json");
  if (const std::vector<std::string> places = config_places("auth.json"); places.size() > 1)
    return places.front();
  return Error::because(ENOENT,
                        "no place to keep a password: set HOME, XDG_RUNTIME_DIR or --authfile");
}

Result<std::string> with_entry(std::string text, const std::string& path, const std::string& key,
                               const std::optional<Credentials>& credentials) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) text = "{}";
  const json::Document document = TRY(json::Document::parse(std::move(text), path));
  const json::Object root = TRY(document.root().as<json::Object>());
  json::Writer out("\t");
  out.begin_object();
  bool written = false;
  for (const auto& [name, value] : root.members()) {
    if (name == "auths") {
      write_auths(out, document, root, key, credentials);
      written = true;
    } else {
      out.key(name).raw(document.raw({name}));
    }
  }
  if (!written) write_auths(out, document, root, key, credentials);
  out.end_object();
  return std::move(out).take() + "\n";
}

Result<void> remember(const std::string& path, const std::string& key,
                      const Credentials& credentials) {
  const std::string file = real_path(path);
  const Keeper keeper = TRY(keeper_of(file, key));
  if (!keeper.helper.empty()) return store_in_helper(keeper.helper, keeper.server, credentials);
  return replace_entry(file, key, credentials);
}

Result<bool> forget(const std::string& path, const std::string& key) {
  const std::string file = real_path(path);
  const Keeper keeper = TRY(keeper_of(file, key));
  bool kept = false;
  if (!keeper.helper.empty()) {
    kept = TRY(ask_helper(keeper.helper, keeper.server)).has_value();
    if (kept) TRY(erase_from_helper(keeper.helper, keeper.server));
  }
  if (!keeper.in_file) return kept;
  TRY(replace_entry(file, key, {}));
  return true;
}

}  // namespace wolffia::image::remote
