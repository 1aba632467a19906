// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "image/remote/retry.hpp"
#include "image/source.hpp"

namespace wolffia::image::remote {

/// Sends the request for a blob; `range` is a Range field ("Range: bytes=7-"), or empty.
using AskForBlob =
    std::function<Result<Response>(const std::string& range, const Receive& receive)>;

/// Passes `size` - `offset` bytes of a blob on to `sink`, in as many requests as it takes: what a
/// dropped connection left out is asked for from there. Copes with servers that know no ranges.
/// `what` is what messages call the blob.
/// Errors: ENOENT; EACCES; EINVAL when there are more bytes than `size`; EIO when they ended too
/// early for good; those of `sink`, after which nothing is tried again.
struct Download {
  std::string what;
  uint64_t size = 0;
  uint64_t offset = 0;
};
Result<void> download(const Download& blob, const RetryRules& rules, const AskForBlob& ask,
                      const Sink& sink);

/// The first byte that a Content-Range field tells of ("bytes 7-99/100"); nullopt: no such field.
std::optional<uint64_t> range_start(std::string_view field);

/// What an answer that is no success means: ENOENT, EACCES or EIO, with the registry's own words.
Error refusal(const Response& answer, std::string_view what);

}  // namespace wolffia::image::remote
