// SPDX-License-Identifier: Apache-2.0
#include "cli/image/commands.hpp"
#include "cli/image/source.hpp"
#include "cli/image_json.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/transfer/resolve.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::ResolvedImage;

void write_layers(json::Writer& out, const ResolvedImage& image) {
  out.key("layers").begin_array();
  for (size_t i = 0; i < image.manifest.layers.size(); ++i) {
    const oci::Descriptor& layer = image.manifest.layers[i];
    out.begin_object().member("mediaType", layer.media_type);
    out.member("digest", layer.digest.text()).member("size", layer.size);
    out.member("diffId", image.config.diff_ids[i].text()).end_object();
  }
  out.end_array();
}

/// The schema that wolffia-image(1) documents.
std::string describe(const ResolvedImage& image, const std::string& name) {
  json::Writer out("  ");
  out.begin_object().member("name", name).member("digest", image.raw.digest.text());
  out.member("mediaType", image.manifest.media_type).member("created", image.config.created);
  out.member("os", image.config.platform.os);
  out.member("architecture", image.config.platform.architecture);
  out.member("variant", image.config.platform.variant);
  out.key("config");
  write_image_config(out, image.config);
  write_layers(out, image);
  write_pairs(out, "annotations", image.manifest.annotations);
  out.end_object();
  return std::move(out).take() + "\n";
}

/// Of a repository whose image need not exist.
Result<int> print_tags(Access& access, const Arguments& arguments) {
  if (arguments.has(kRaw) || arguments.has(kConfig))
    return Error::because(EINVAL, "--tags is about a repository: give no --raw and no --config");
  const Opened opened = TRY(access.source(arguments.positionals()[0]));
  const auto repository = TRY(access.repository(opened, wolffia::image::remote::Rights::Pull));
  std::string lines;
  for (const std::string& tag : TRY(repository->tags()))
    lines += cat(tag, "\n");
  TRY(print(lines));
  return 0;
}

}  // namespace

Result<int> run_inspect(const Arguments& arguments) {
  const oci::Platform platform = TRY(wanted_platform(arguments));
  Access access = TRY(Access::open(arguments));
  if (arguments.has(kTags)) return print_tags(access, arguments);
  const auto source = TRY(access.source(arguments.positionals()[0])).source;
  if (arguments.has(kRaw)) {
    TRY(print(TRY(source->top()).bytes));
    return 0;
  }
  const ResolvedImage image = TRY(wolffia::image::resolve_image(*source, platform));
  TRY(print(arguments.has(kConfig) ? image.config_bytes : describe(image, source->name())));
  return 0;
}

}  // namespace wolffia::cli::image
