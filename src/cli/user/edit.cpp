// SPDX-License-Identifier: Apache-2.0
#include "cli/user/config.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::user {
namespace {

using json::Document;
using json::Object;
using json::Writer;

/// Copies a member as it is written, whatever it holds.
using Path = std::initializer_list<std::string_view>;
void copy(Writer& out, const Document& document, Path path) {
  out.key(*(path.end() - 1)).raw(document.raw(path));
}

Result<void> edit_process(Writer& out, const Document& document, const Object& process,
                          const RunRequest& request) {
  out.key("process").begin_object();
  for (const auto& [name, field] : process.members()) {
    const bool replaced = (name == "args" && !request.command.empty()) ||
                          (name == "cwd" && !request.workdir.empty()) || name == "env" ||
                          (name == "terminal" && request.terminal);
    if (!replaced) copy(out, document, {"process", name});
  }
  if (!request.command.empty()) out.member("args", request.command);
  if (!request.workdir.empty()) out.member("cwd", request.workdir);
  if (request.terminal) out.member("terminal", true);
  std::vector<std::string> env;
  TRY(process.read("env", env));
  env.insert(env.end(), request.env.begin(), request.env.end());  // later ones win
  out.member("env", env).end_object();
  return {};
}

Result<void> edit_root(Writer& out, const Document& document, const Object& root) {
  out.key("root").begin_object();
  for (const auto& [name, field] : root.members())
    if (name != "readonly") copy(out, document, {"root", name});
  out.member("readonly", true).end_object();
  return {};
}

/// `list`, a JSON array as written, with `more` behind its items.
std::string extended(std::string_view list, const std::vector<std::string>& more, bool empty) {
  std::string out(list.substr(0, list.size() - 1));  // without its "]"
  for (size_t i = 0; i < more.size(); ++i)
    out += cat(empty && i == 0 ? "" : ",", more[i]);
  return out + "]";
}

Result<void> edit_mounts(Writer& out, const Document& document, const Object& spec,
                         const RunRequest& request) {
  std::vector<json::Field> mounts;
  TRY(spec.read("mounts", mounts));
  std::vector<std::string> more;
  for (const oci::Mount& mount : request.mounts) {
    Writer one;
    write_mount(one, mount);
    more.push_back(std::move(one).take());
  }
  const std::string_view written = mounts.empty() ? "[]" : document.raw({"mounts"});
  out.key("mounts").raw(extended(written, more, mounts.empty()));
  return {};
}

/// The namespaces as written, but for the network.
Result<void> edit_namespaces(Writer& out, const Object& section, Network network) {
  std::vector<Object> namespaces;
  TRY(section.read_each("namespaces", namespaces,
                        [](const Object& one) -> Result<Object> { return one; }));
  out.key("namespaces").begin_array();
  for (const Object& one : namespaces) {
    const std::string type = TRY(one.get<std::string>("type"));
    if (type == "network") continue;
    std::string path;
    TRY(one.read("path", path));
    out.begin_object().member("type", type);
    if (!path.empty()) out.member("path", path);
    out.end_object();
  }
  if (network == Network::None) out.begin_object().member("type", "network").end_object();
  out.end_array();
  return {};
}

Result<void> edit_linux(Writer& out, const Document& document, const Object& section,
                        Network network) {
  out.key("linux").begin_object();
  for (const auto& [name, field] : section.members())
    if (name != "namespaces") copy(out, document, {"linux", name});
  TRY(edit_namespaces(out, section, network));
  out.end_object();
  return {};
}

/// The members that the command line says something about.
bool is_edited(std::string_view name, const RunRequest& request) {
  return name == "process" || (name == "root" && request.readonly) ||
         (name == "mounts" && !request.mounts.empty()) || (name == "linux" && request.network) ||
         (name == "hostname" && !request.hostname.empty());
}

}  // namespace

Result<std::string> config_for_bundle(const RunRequest& request, std::string text) {
  const Document document = TRY(Document::parse(std::move(text), "config.json"));
  const Object spec = TRY(document.root().as<Object>());
  Writer out;
  out.begin_object();
  for (const auto& [name, field] : spec.members())
    if (!is_edited(name, request)) copy(out, document, {name});
  const Object process = TRY(spec.get<Object>("process"));
  TRY(edit_process(out, document, process, request));
  if (request.readonly) TRY(edit_root(out, document, TRY(spec.get<Object>("root"))));
  if (!request.mounts.empty()) TRY(edit_mounts(out, document, spec, request));
  if (request.network)
    TRY(edit_linux(out, document, TRY(spec.get<Object>("linux")), *request.network));
  if (!request.hostname.empty()) out.member("hostname", request.hostname);
  out.end_object();
  return std::move(out).take();
}

}  // namespace wolffia::cli::user
