// SPDX-License-Identifier: Apache-2.0
#include "cli/user/launched.hpp"

#include "base/quote.hpp"
#include "json/field.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kConfigLimit = 16 << 20;

}  // namespace

Result<Launched> read_launched(const ContainerDir& container) {
  Launched launched;
  auto read = sys::read_file(container.fd, "config.json", kConfigLimit);
  if (!read && read.error().is(ENOENT)) return launched;
  std::string text = TRY(std::move(read));
  const json::Document document = TRY(json::Document::parse(std::move(text), "config.json"));
  const json::Object spec = TRY(document.root().as<json::Object>());
  const json::Object process = TRY(spec.get<json::Object>("process"));
  TRY(process.read("args", launched.args));
  launched.made.push_back(TRY(process.get<std::string>("cwd")));
  TRY(spec.read_each("mounts", launched.made, [](const json::Object& mount) {
    return mount.get<std::string>("destination");
  }));
  return launched;
}

Result<void> expect_image(const Record& record) {
  if (!record.image_id.empty()) return {};
  return Error::because(EINVAL,
                        cat("container ", record.id, " is of ", quoted_if_needed(record.directory),
                            ", not of an image in the store to compare it with"));
}

}  // namespace wolffia::cli::user
