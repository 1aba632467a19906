// SPDX-License-Identifier: Apache-2.0
#include "image/remote/url.hpp"

#include <curl/curl.h>

#include <memory>
#include <new>

#include "base/quote.hpp"

namespace wolffia::image::remote {
namespace {

struct Cleanup {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
  void operator()(char* text) const { curl_free(text); }
};
using Handle = std::unique_ptr<CURLU, Cleanup>;

Handle new_handle() {
  Handle handle(curl_url());
  if (!handle) throw std::bad_alloc();
  return handle;
}

/// A part of the URL; empty where it has none.
std::string part_of(const Handle& handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle.get(), part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, Cleanup> owned(text);
  return text;
}

Error no_url(std::string_view text, std::string_view why) {
  return Error::because(EINVAL, cat("the URL ", quoted(text), " ", why));
}

/// libcurl would cut a text at a NUL, and let bytes through that end a line of a request.
bool has_control(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  return false;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (has_control(text)) return no_url(text, "has a control character or a space in it");
  const Handle handle = new_handle();
  if (curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK)
    return no_url(text, "is not valid");
  const std::string scheme = part_of(handle, CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return no_url(text, "is neither https nor http");
  if (!part_of(handle, CURLUPART_USER).empty() || !part_of(handle, CURLUPART_PASSWORD).empty())
    return no_url(text, "must not carry a user or password");
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  Url url;
  std::string name = part_of(handle, CURLUPART_HOST);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const std::string port = part_of(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.text_ = part_of(handle, CURLUPART_URL);
  url.origin_ = cat(scheme, "://", name, ":", port);
  url.host_ = port == (scheme == "https" ? "443" : "80") ? name : cat(name, ":", port);
  url.machine_ = name.starts_with('[') ? name.substr(1, name.size() - 2) : name;
  return url;
}

Result<Url> Url::resolve(std::string_view location) const {
  if (has_control(location)) return no_url(location, "has a control character or a space in it");
  const Handle handle = new_handle();
  curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), 0);
  if (curl_url_set(handle.get(), CURLUPART_URL, std::string(location).c_str(), 0) != CURLUE_OK)
    return no_url(location, "is not valid");
  return parse(part_of(handle, CURLUPART_URL));
}

Url Url::with_query(std::string_view name, std::string_view value) const {
  Url url = *this;
  url.text_ += url.text_.find('?') == std::string::npos ? '?' : '&';
  url.text_ += cat(percent_encoded(name), "=", percent_encoded(value));
  return url;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace wolffia::image::remote
