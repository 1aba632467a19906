// SPDX-License-Identifier: Apache-2.0
#include "image/remote/download.hpp"

#include <algorithm>
#include <charconv>

#include "base/quote.hpp"
#include "json/field.hpp"

namespace wolffia::image::remote {
namespace {

/// So much makes a try a success of its own, however it ended.
constexpr uint64_t kProgress = 64U << 10;

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end == text.data()) return {};
  return number;
}

/// One download: where it stands, and what its answers may say.
class Progress {
 public:
  Progress(const Download& blob, const Sink& sink) : blob_(blob), sink_(sink), next_(blob.offset) {}

  bool complete() const { return next_ == blob_.size; }
  bool ended_by_us() const { return ended_; }
  uint64_t next() const { return next_; }

  void begin() { place_.reset(); }

  /// The field to ask with; without ranges everything comes again and is passed over.
  std::string range() const {
    return next_ == 0 || no_ranges_ ? std::string() : cat("Range: bytes=", next_, "-");
  }

  /// False: asking without a range was tried already.
  bool give_up_ranges() { return !std::exchange(no_ranges_, true); }

  Result<void> take(const Response& answer, std::span<const std::byte> bytes) {
    auto taken = take_here(answer, bytes);
    ended_ = ended_ || !taken;
    return taken;
  }

 private:
  Result<void> take_here(const Response& answer, std::span<const std::byte> bytes);
  Result<void> start(const Response& answer);

  const Download& blob_;
  const Sink& sink_;
  uint64_t next_;                  // the first byte that was not passed on
  std::optional<uint64_t> place_;  // of the next byte of this answer
  bool no_ranges_ = false;
  bool ended_ = false;
};

Result<void> Progress::start(const Response& answer) {
  place_ = answer.status == 206 ? range_start(answer.headers.find("content-range")) : 0;
  if (!place_ || *place_ > next_)
    return Error::because(EINVAL, cat(blob_.what, ": the server sent another range than asked"));
  const auto length = parse_number(answer.headers.find("content-length"));
  if (length && *length > blob_.size - *place_)
    return Error::because(EINVAL, cat(blob_.what, " has ", *place_ + *length, " bytes, not ",
                                      blob_.size, " as its descriptor says"));
  return {};
}

Result<void> Progress::take_here(const Response& answer, std::span<const std::byte> bytes) {
  if (!place_) TRY(start(answer));
  if (bytes.size() > blob_.size - *place_)
    return Error::because(EINVAL, cat(blob_.what, " is longer than its descriptor says"));
  const uint64_t known = std::min<uint64_t>(next_ - *place_, bytes.size());
  *place_ += bytes.size();
  bytes = bytes.subspan(known);
  if (bytes.empty()) return {};
  next_ += bytes.size();
  return sink_(bytes);
}

Error ended_early(const Download& blob, uint64_t next) {
  return Error::because(EIO, cat(blob.what, " ended after ", next, " of ", blob.size, " bytes"));
}

/// The first of "errors" as distribution-spec has them; empty where there is none.
std::string own_words(const std::string& body) {
  const auto document = json::Document::parse(body, "error");
  if (!document) return {};
  const auto root = document->root().as<json::Object>();
  if (!root) return {};
  std::vector<json::Object> errors;
  if (!root->read("errors", errors) || errors.empty()) return {};
  std::string code;
  std::string message;
  (void)errors.front().read("code", code);  // what is of another type is left out
  (void)errors.front().read("message", message);
  return message.empty() ? code : message;
}

}  // namespace

std::optional<uint64_t> range_start(std::string_view field) {
  constexpr std::string_view kUnit = "bytes ";
  if (!field.starts_with(kUnit)) return {};
  return parse_number(field.substr(kUnit.size()));
}

Error refusal(const Response& answer, std::string_view what) {
  const std::string words = own_words(answer.body);
  const std::string said = cat(answer.url.host(), " answered ", answer.status,
                               words.empty() ? "" : " ", words.empty() ? "" : quoted(words));
  if (answer.status == 404) return Error::because(ENOENT, cat(what, " does not exist: ", said));
  const bool denied = answer.status == 401 || answer.status == 403;
  return Error::because(denied ? EACCES : EIO, cat(what, ": ", said));
}

Result<void> download(const Download& blob, const RetryRules& rules, const AskForBlob& ask,
                      const Sink& sink) {
  Progress progress(blob, sink);
  Retry retry(rules);
  while (!progress.complete()) {
    const uint64_t before = progress.next();
    progress.begin();
    auto answer = ask(progress.range(), [&](const Response& head, std::span<const std::byte> part) {
      return progress.take(head, part);
    });
    if (progress.ended_by_us()) return std::move(answer).error();
    if (progress.complete()) return {};
    if (progress.next() - before >= kProgress) retry.progressed();
    if (answer && answer->status == 416 && before > 0 && progress.give_up_ranges()) continue;
    if (answer && answer->status == 416) return ended_early(blob, progress.next());
    if (answer && !answer->ok()) {
      if (!retry.again(*answer)) return refusal(*answer, blob.what);
      continue;
    }
    // A body that ended well but too soon is a proxy's way to drop a connection.
    const Error early = ended_early(blob, progress.next());
    const Error fault = answer ? Error::because(ECONNRESET, early.message()) : answer.error();
    if (retry.again(fault)) continue;
    if (answer) return early;
    if (!is_connection_fault(fault) || progress.next() == blob.offset) return fault;
    return Error::because(EIO, cat(early.message(), ": ", fault.message()));
  }
  return {};
}

}  // namespace wolffia::image::remote
