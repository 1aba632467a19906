// SPDX-License-Identifier: Apache-2.0
#include "image/remote/connection.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>

#include "base/quote.hpp"
#include "base/version.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kHeadersLimit = 256U << 10;
constexpr size_t kIdleLimit = 16;

/// What the callbacks of one transfer share.
struct Exchange {
  const Request& request;
  const Receive& receive;
  size_t limit;
  CURL* easy;
  Response response;
  size_t header_bytes = 0;
  uint64_t uploaded = 0;
  bool cut = false;                   // an error's text was longer than anyone wants to read
  std::optional<Error> stopped = {};  // why we ended the transfer
};

size_t stop(Exchange& exchange, Error error) {
  exchange.stopped = std::move(error);
  return CURL_WRITEFUNC_ERROR;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  return text;
}

/// What `work` makes of a callback; libcurl is C, and no exception may pass through it.
template <class Work>
size_t guarded(Exchange& exchange, Work work) noexcept {
  try {
    return work();
  } catch (...) {  // only memory can be short
    return stop(exchange, Error::because(ENOMEM, "out of memory"));
  }
}

size_t take_header(Exchange& exchange, std::string_view line) {
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kHeadersLimit)
    return stop(exchange, Error::because(EFBIG, "the headers of the answer are too long"));
  if (line.starts_with("HTTP/")) exchange.response.headers.clear();  // after 100 Continue
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/"))
    exchange.response.headers.add(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  return line.size();
}

size_t collect(Exchange& exchange, std::string_view bytes) {
  std::string& body = exchange.response.body;
  const bool ok = exchange.response.ok();
  const size_t limit = ok ? exchange.limit : kAnswerLimit;
  if (bytes.size() <= limit - body.size()) {
    body += bytes;
    return bytes.size();
  }
  if (ok)
    return stop(exchange,
                Error::because(EFBIG, cat("the answer is longer than ", limit, " bytes")));
  exchange.cut = true;
  return CURL_WRITEFUNC_ERROR;
}

size_t take_body(Exchange& exchange, std::string_view bytes) {
  long& status = exchange.response.status;
  if (status == 0) curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  if (!exchange.receive || !exchange.response.ok()) return collect(exchange, bytes);
  auto taken = exchange.receive(exchange.response, std::as_bytes(std::span(bytes)));
  return taken ? bytes.size() : stop(exchange, std::move(taken).error());
}

size_t fill_upload(Exchange& exchange, std::span<char> into) {
  const Upload& upload = *exchange.request.upload;
  if (exchange.uploaded >= upload.size) return 0;
  const size_t most = std::min<uint64_t>(into.size(), upload.size - exchange.uploaded);
  auto filled = upload.read(exchange.uploaded, std::as_writable_bytes(into.first(most)));
  if (!filled) {
    exchange.stopped = std::move(filled).error();
    return CURL_READFUNC_ABORT;
  }
  exchange.uploaded += *filled;
  return *filled;
}

size_t on_header(const char* data, size_t, size_t size, void* user) noexcept {
  Exchange& exchange = *static_cast<Exchange*>(user);
  return guarded(exchange, [&] { return take_header(exchange, {data, size}); });
}

size_t on_body(const char* data, size_t, size_t size, void* user) noexcept {
  Exchange& exchange = *static_cast<Exchange*>(user);
  return guarded(exchange, [&] { return take_body(exchange, {data, size}); });
}

size_t on_upload(char* into, size_t, size_t size, void* user) noexcept {
  Exchange& exchange = *static_cast<Exchange*>(user);
  return guarded(exchange, [&] { return fill_upload(exchange, {into, size}); });
}

/// libcurl sends the body again itself where an idle connection turned out to be closed.
int on_seek(void* user, curl_off_t offset, int) noexcept {
  static_cast<Exchange*>(user)->uploaded = static_cast<uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListCleanup>;

void append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (!longer) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

List header_list(const Request& request) {
  List list;
  for (const std::string& line : request.headers)
    append(list, line);
  if (!request.authorization.empty()) append(list, cat("Authorization: ", request.authorization));
  append(list, "Expect:");  // a round trip for nothing: who may push is known before
  return list;
}

/// What libcurl's failures are to a caller; the rest is EIO.
struct Fault {
  CURLcode code;
  int error;
};
constexpr std::array kFaults{
    Fault{CURLE_COULDNT_RESOLVE_HOST, EHOSTUNREACH},
    Fault{CURLE_COULDNT_RESOLVE_PROXY, EHOSTUNREACH},
    Fault{CURLE_COULDNT_CONNECT, ECONNREFUSED},
    Fault{CURLE_OPERATION_TIMEDOUT, ETIMEDOUT},
    Fault{CURLE_SSL_CONNECT_ERROR, EPROTO},
    Fault{CURLE_PEER_FAILED_VERIFICATION, EKEYREJECTED},
    Fault{CURLE_SSL_ISSUER_ERROR, EKEYREJECTED},
    Fault{CURLE_PARTIAL_FILE, ECONNRESET},
    Fault{CURLE_GOT_NOTHING, ECONNRESET},
    Fault{CURLE_SEND_ERROR, ECONNRESET},
    Fault{CURLE_RECV_ERROR, ECONNRESET},
    Fault{CURLE_WEIRD_SERVER_REPLY, EPROTO},
    Fault{CURLE_UNSUPPORTED_PROTOCOL, EPROTO},
};

Error failure(CURLcode code, const char* detail, const Url& url) {
  const auto* fault = std::find_if(kFaults.begin(), kFaults.end(),
                                   [code](const Fault& row) { return row.code == code; });
  const int error = fault == kFaults.end() ? EIO : fault->error;
  const char* why = *detail != '\0' ? detail : curl_easy_strerror(code);
  std::string what = cat(url.host(), ": ", printable(why));
  if (error == EKEYREJECTED)
    what += cat("; if its authority is your own, put that into certs.d/", url.host(),
                "/ca.crt, see containers-certs.d(5)");
  return Error::because(error, std::move(what));
}

void initialize() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw std::bad_alloc();
}

}  // namespace

struct Connections::Handle {
  Handle() : easy(curl_easy_init()) {
    if (!easy) throw std::bad_alloc();
  }
  ~Handle() { curl_easy_cleanup(easy); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    (curl_easy_setopt)(easy, option, value);  // the macro of this name wants constants
  }
  void set_text(CURLoption option, const std::string& text) {
    if (!text.empty()) set(option, text.c_str());
  }

  void prepare(const Request& request, const Patience& patience);
  void verify_with(const Certificates& certificates, const SystemAuthorities& system);
  void set_body(const Request& request);
  CURLcode perform(Exchange& exchange);

  CURL* easy;
  std::string origin;
  std::array<char, CURL_ERROR_SIZE> detail{};
};

void Connections::Handle::prepare(const Request& request, const Patience& patience) {
  curl_easy_reset(easy);  // connections stay
  detail[0] = '\0';
  set(CURLOPT_ERRORBUFFER, detail.data());
  set(CURLOPT_URL, request.url.text().c_str());
  set(CURLOPT_PROTOCOLS_STR, request.insecure == Insecure::Yes ? "https,http" : "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // transport.cpp knows who may see what
  // One request at a time on a connection gains nothing from HTTP/2 but its windows.
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_BUFFERSIZE, 256L << 10U);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stall.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, patience.slowest);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});  // a proxy sees no credentials of a server
  set(CURLOPT_USERAGENT, cat("wolffia/", kVersion).c_str());
  set_body(request);
}

void Connections::Handle::set_body(const Request& request) {
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.upload) {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.upload->size));
    set(CURLOPT_READFUNCTION, &on_upload);
    set(CURLOPT_SEEKFUNCTION, &on_seek);
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void Connections::Handle::verify_with(const Certificates& certificates,
                                      const SystemAuthorities& system) {
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set_text(CURLOPT_CAINFO, system.file);
  set_text(CURLOPT_CAPATH, system.directory);
  set_text(CURLOPT_SSLCERT, certificates.certificate_file);
  set_text(CURLOPT_SSLKEY, certificates.key_file);
  if (certificates.authorities.empty()) return;
  curl_blob blob{};
  blob.data = const_cast<char*>(certificates.authorities.data());  // is copied from
  blob.len = certificates.authorities.size();
  blob.flags = CURL_BLOB_COPY;
  set(CURLOPT_CAINFO_BLOB, &blob);  // takes the place of CAINFO; CAPATH still counts
}

CURLcode Connections::Handle::perform(Exchange& exchange) {
  if (exchange.request.insecure == Insecure::Yes) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const List headers = header_list(exchange.request);
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  for (const CURLoption user :
       {CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA})
    set(user, &exchange);
  const CURLcode code = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &exchange.response.status);
  return code;
}

Connections::Connections(std::vector<std::string> certificate_directories, Patience patience)
    : certificate_directories_(std::move(certificate_directories)),
      system_(system_authorities()),
      patience_(patience) {
  initialize();
}

Connections::~Connections() = default;

std::unique_ptr<Connections::Handle> Connections::take(const std::string& origin) {
  std::unique_ptr<Handle> handle;
  {
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(idle_.rbegin(), idle_.rend(),
                                   [&](const auto& idle) { return idle->origin == origin; });
    if (same != idle_.rend()) {
      handle = std::move(*same);
      idle_.erase(std::next(same).base());
    }
  }
  if (!handle) handle = std::make_unique<Handle>();
  handle->origin = origin;
  return handle;
}

void Connections::give_back(std::unique_ptr<Handle> handle) {
  std::unique_ptr<Handle> dropped;  // is closed without the lock
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
  if (idle_.size() <= kIdleLimit) return;
  dropped = std::move(idle_.front());
  idle_.erase(idle_.begin());
}

Result<const Certificates*> Connections::certificates(const std::string& host) {
  const std::lock_guard lock(mutex_);
  auto known = certificates_.find(host);
  if (known == certificates_.end())
    known =
        certificates_.emplace(host, TRY(find_certificates(certificate_directories_, host))).first;
  return &known->second;
}

Result<Response> Connections::exchange(const Request& request, size_t limit,
                                       const Receive& receive) {
  if (request.url.is_plain() && request.insecure == Insecure::No)
    return Error::because(EPERM, cat(request.url.origin(),
                                     " is plain http, which is used only for "
                                     "a registry declared insecure in registries.conf(5)"));
  const Certificates* files = TRY(certificates(request.url.host()));
  std::unique_ptr<Handle> handle = take(request.url.origin());
  Exchange exchange{request, receive, limit, handle->easy, {0, {}, {}, request.url}};
  handle->prepare(request, patience_);
  handle->verify_with(*files, system_);
  const CURLcode code = handle->perform(exchange);
  std::optional<Error> error = std::move(exchange.stopped);
  if (!error && code != CURLE_OK && !exchange.cut)
    error = failure(code, handle->detail.data(), request.url);
  give_back(std::move(handle));
  if (error) return *std::move(error);
  return std::move(exchange.response);
}

}  // namespace wolffia::image::remote
