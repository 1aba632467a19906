// SPDX-License-Identifier: Apache-2.0
#include "oci/parse_runtime.hpp"

#include <algorithm>

#include "json/field.hpp"
#include "json/writer.hpp"
#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_suffix_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '+';
}

/// Whether `text` is MAJOR.MINOR.PATCH with an optional -PRERELEASE and +BUILD. Source: SemVer 2.
bool is_semantic_version(std::string_view text) {
  const std::string_view core = text.substr(0, text.find_first_of("-+"));
  if (!std::all_of(text.begin() + core.size(), text.end(), is_suffix_character)) return false;
  const size_t first = core.find('.');
  const size_t second = core.find('.', first == core.npos ? first : first + 1);
  if (second == core.npos) return false;
  return is_number(core.substr(0, first)) &&
         is_number(core.substr(first + 1, second - first - 1)) &&
         is_number(core.substr(second + 1));
}

/// Every 1.x is compatible with every other. Source: runtime-spec config.md, "Specification
/// version".
Result<std::string> parse_version(const json::Object& spec) {
  std::string version = TRY(spec.get<std::string>("ociVersion"));
  if (!is_semantic_version(version))
    return spec.invalid("ociVersion", "must be a version such as 1.3.0");
  if (!version.starts_with("1."))
    return spec.invalid("ociVersion", cat("is ", version, ", but only 1.x is supported"));
  return version;
}

Result<Root> parse_root(const json::Object& object) {
  Root root;
  root.path = TRY(object.get<std::string>("path"));
  if (root.path.empty()) return object.invalid("path", "must not be empty");
  TRY(object.read("readonly", root.readonly));
  return root;
}

Result<Spec> parse_root_object(const json::Object& object) {
  Spec spec;
  spec.oci_version = TRY(parse_version(object));
  TRY(object.read("hostname", spec.hostname));
  TRY(object.read("domainname", spec.domainname));
  const json::Object root = TRY(object.get<json::Object>("root"));
  spec.root = TRY(parse_root(root));
  std::optional<json::Object> process;
  TRY(object.read("process", process));
  if (process) spec.process = TRY(parse_process_object(*process));
  TRY(object.read_each("mounts", spec.mounts, parse_mount));
  std::optional<json::Object> hooks;
  TRY(object.read("hooks", hooks));
  if (hooks) spec.hooks = TRY(parse_hooks(*hooks));
  TRY(object.read("annotations", spec.annotations));
  std::optional<json::Object> section;
  TRY(object.read("linux", section));
  if (section) spec.linux = TRY(parse_linux(*section));
  return spec;
}

/// The section with null for whom the filter's listener goes to, which is another one for each
/// container and no part of the filter.
std::string text_of_filter(const json::Document& document) {
  const std::string_view whole = document.raw({"linux", "seccomp"});
  std::vector<std::string_view> left_out;
  for (const std::string_view key : {"listenerPath", "listenerMetadata"})
    if (const std::string_view value = document.raw({"linux", "seccomp", key}); !value.empty())
      left_out.push_back(value);
  std::sort(left_out.begin(), left_out.end(),
            [](std::string_view one, std::string_view other) { return one.data() < other.data(); });
  std::string text;
  const char* from = whole.data();
  for (const std::string_view value : left_out) {
    text.append(from, value.data()).append("null");
    from = value.data() + value.size();
  }
  return text.append(from, whole.data() + whole.size());
}

}  // namespace

Result<Spec> parse_spec(std::string text) {
  const json::Document document = TRY(json::Document::parse(std::move(text), "the text"));
  const json::Object root = TRY(document.root().as<json::Object>());
  Spec spec = TRY(parse_root_object(root));
  if (spec.linux.seccomp) spec.linux.seccomp->source = text_of_filter(document);
  return spec;
}

Result<Process> parse_process(std::string text) {
  const json::Document document =
      TRY(json::Document::parse(std::move(text), "the process file", "process"));
  const json::Object root = TRY(document.root().as<json::Object>());
  return parse_process_object(root);
}

Result<Resources> parse_resources(std::string text) {
  const json::Document document =
      TRY(json::Document::parse(std::move(text), "the resources", "linux.resources"));
  const json::Object root = TRY(document.root().as<json::Object>());
  return parse_resources(root);
}

const Namespace* Spec::find_namespace(NamespaceType type) const {
  const auto found = std::find_if(linux.namespaces.begin(), linux.namespaces.end(),
                                  [&](const Namespace& one) { return one.type == type; });
  return found == linux.namespaces.end() ? nullptr : &*found;
}

const std::string* Spec::annotation(std::string_view key) const {
  const auto found = std::find_if(annotations.begin(), annotations.end(),
                                  [&](const auto& one) { return one.first == key; });
  return found == annotations.end() ? nullptr : &found->second;
}

Result<std::string> parse_absolute_path(const json::Field& field) {
  std::string path = TRY(field.as<std::string>());
  if (!path.starts_with('/')) return field.invalid("must be an absolute path");
  return path;
}

Result<std::string> parse_word(const json::Field& field, std::span<const std::string_view> words,
                               std::string_view what) {
  std::string word = TRY(field.as<std::string>());
  if (std::find(words.begin(), words.end(), word) == words.end()) return not_a(field, what, word);
  return word;
}

Error not_a(const json::Field& field, std::string_view what, std::string_view value) {
  std::string rule = cat("must be ", what, ", not ");
  json::append_quoted(rule, value);
  return field.invalid(rule);
}

}  // namespace wolffia::oci
