// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/remote/certificates.hpp"
#include "image/remote/message.hpp"

namespace wolffia::image::remote {

/// How long a silent server is waited for.
struct Patience {
  std::chrono::milliseconds connect{15'000};  // name, TCP and TLS together
  std::chrono::seconds stall{30};             // so long below `slowest` ends a transfer
  long slowest = 1024;                        // bytes a second
};

/// Connections kept open between requests: each thread takes one that last talked to the same
/// origin. All functions may be called by several threads at once.
class Connections {
 public:
  Connections(std::vector<std::string> certificate_directories, Patience patience);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// One exchange: no retry, no redirect. The body of a 2xx answer goes to `receive` where there
  /// is one, else it is collected, at most `limit` bytes (EFBIG); other bodies are cut at
  /// kAnswerLimit. HTTPS with TLS 1.2 at least, unless the request says insecure.
  /// Errors: ECONNREFUSED, EHOSTUNREACH, ECONNRESET, ETIMEDOUT as is_connection_fault() knows them;
  /// EKEYREJECTED when the certificate does not prove the name; those of `receive`.
  Result<Response> exchange(const Request& request, size_t limit, const Receive& receive);

 private:
  struct Handle;
  std::unique_ptr<Handle> take(const std::string& origin);
  void give_back(std::unique_ptr<Handle> handle);
  Result<const Certificates*> certificates(const std::string& host);

  const std::vector<std::string> certificate_directories_;
  const SystemAuthorities system_;
  const Patience patience_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;         // guarded by mutex_; last used last
  std::map<std::string, Certificates> certificates_;  // guarded by mutex_; never erased
};

}  // namespace wolffia::image::remote
