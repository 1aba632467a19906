// SPDX-License-Identifier: Apache-2.0
#include "image/remote/upload.hpp"

#include <charconv>

#include "image/layer/pump.hpp"
#include "image/remote/download.hpp"

namespace wolffia::image::remote {
namespace {

/// One upload: its session at the registry, and how far that is.
class BlobUpload {
 public:
  BlobUpload(Repository& repository, const oci::Descriptor& blob, Source& source)
      : repository_(repository),
        session_(repository.session()),
        blob_(blob),
        source_(source),
        what_(cat(repository.name(), "@", blob.digest.text())) {}

  /// False: the registry took the blob out of `from`.
  Result<bool> begin(const std::string& from);
  Result<void> send();
  Result<void> commit();

 private:
  Result<Response> send_rest();
  Result<bool> recover();
  Result<void> move_on(const Response& answer);
  Request to_location(const char* method) const;

  Repository& repository_;
  Session& session_;
  const oci::Descriptor& blob_;
  Source& source_;
  const std::string what_;
  std::optional<Request> location_;  // of the session, set by begin()
  uint64_t arrived_ = 0;
};

/// Each answer says where to go on; relative or not, with a query or not.
Result<void> BlobUpload::move_on(const Response& answer) {
  const std::string_view location = answer.headers.find("location");
  if (location.empty()) return Error::because(EPROTO, cat(what_, ": no place to upload to"));
  location_->url = TRY(answer.url.resolve(location), what_);
  return {};
}

Request BlobUpload::to_location(const char* method) const {
  Request request = *location_;
  request.method = method;
  return request;
}

Result<bool> BlobUpload::begin(const std::string& from) {
  Request request = TRY(session_.request(repository_.path("blobs/uploads/")));
  std::string scope = repository_.scope();
  if (!from.empty()) {
    request.url = request.url.with_query("mount", blob_.digest.text()).with_query("from", from);
    scope += cat(" repository:", from, ":pull");
  }
  request.method = "POST";
  location_ = request;
  const Response answer = TRY(session_.fetch(request, scope, kAnswerLimit), what_);
  if (!from.empty() && answer.status == 201) return false;
  if (!from.empty() && !answer.ok()) return begin({});  // it may not mount, but may upload
  if (answer.status != 202) return refusal(answer, what_);
  arrived_ = 0;
  TRY(move_on(answer));
  return true;
}

Result<Response> BlobUpload::send_rest() {
  Pump pump(source_, blob_, arrived_);
  uint64_t taken = 0;
  Upload upload;
  upload.size = blob_.size - arrived_;
  upload.read = [&](uint64_t offset, std::span<std::byte> into) -> Result<size_t> {
    if (offset != taken) return Error::because(ECONNRESET, cat(what_, ": to be sent again"));
    const size_t size = TRY(pump.read(into));
    taken += size;
    return size;
  };
  Request request = to_location("PATCH");
  request.headers.emplace_back("Content-Type: application/octet-stream");
  if (arrived_ > 0)
    request.headers.push_back(cat("Content-Range: ", arrived_, "-", blob_.size - 1));
  request.upload = &upload;
  Response answer = TRY(session_.once(request, repository_.scope(), kAnswerLimit, {}));
  if (answer.ok()) TRY(pump.finish());  // what is not the blob is never committed
  return answer;
}

/// Asks how much arrived; false where the registry knows nothing of the upload any more.
Result<bool> BlobUpload::recover() {
  const Response answer =
      TRY(session_.fetch(to_location("GET"), repository_.scope(), kAnswerLimit), what_);
  if (!answer.ok()) return false;
  const std::string_view range = answer.headers.find("range");
  arrived_ = received(range).value_or(0);
  if (arrived_ > blob_.size) return false;
  TRY(move_on(answer));
  return true;
}

Result<void> BlobUpload::send() {
  Retry retry(session_.transport().rules());
  while (arrived_ < blob_.size) {
    const uint64_t before = arrived_;
    auto answer = send_rest();
    if (answer && answer->ok()) return move_on(*answer);
    const bool lost_count = answer && answer->status == 416;
    const bool again = lost_count ? retry.again(Error::because(ECONNRESET, cat(what_, ": 416")))
                       : answer   ? retry.again(*answer)
                                  : retry.again(answer.error());
    if (!again && answer) return refusal(*answer, what_);
    if (!again) return std::move(answer).error();
    if (!TRY(recover())) (void)TRY(begin({}));
    if (arrived_ > before) retry.progressed();
  }
  return {};
}

Result<void> BlobUpload::commit() {
  Request request = to_location("PUT");
  request.url = request.url.with_query("digest", blob_.digest.text());
  const Response answer =
      TRY(session_.fetch(std::move(request), repository_.scope(), kAnswerLimit), what_);
  // A second try finds no upload where the first one's answer was lost on the way.
  if (answer.ok() || TRY(has_blob(repository_, blob_))) return {};
  return refusal(answer, what_);
}

}  // namespace

std::optional<uint64_t> received(std::string_view range) {
  if (range.starts_with("bytes=")) range.remove_prefix(6);  // as some write it
  if (!range.starts_with("0-")) return {};
  range.remove_prefix(2);
  uint64_t last = 0;
  const auto [end, fault] = std::from_chars(range.data(), range.data() + range.size(), last);
  if (fault != std::errc() || end != range.data() + range.size() || last == UINT64_MAX) return {};
  return last == 0 ? 0 : last + 1;  // "0-0" is what registries say of nothing, too
}

Result<bool> has_blob(Repository& repository, const oci::Descriptor& blob) {
  Request request =
      TRY(repository.session().request(repository.path(cat("blobs/", blob.digest.text()))));
  request.method = "HEAD";
  const Response answer =
      TRY(repository.session().fetch(std::move(request), repository.scope(), kAnswerLimit));
  if (answer.ok()) return true;
  if (answer.status == 404) return false;
  return refusal(answer, cat(repository.name(), "@", blob.digest.text()));
}

Result<void> upload_blob(Repository& repository, const oci::Descriptor& blob, Source& source,
                         const std::string& from) {
  BlobUpload upload(repository, blob, source);
  if (!TRY(upload.begin(from))) return {};
  TRY(upload.send());
  return upload.commit();
}

}  // namespace wolffia::image::remote
