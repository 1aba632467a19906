// SPDX-License-Identifier: Apache-2.0
#include "image/trust/encrypted_key.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium/crypto_secretbox.h>

#include <array>
#include <memory>
#include <new>

#include "base/base64.hpp"
#include "json/field.hpp"

namespace wolffia::image::trust {
namespace {

// The second is what cosign 1 wrote.
constexpr std::array<std::string_view, 2> kTypes{"ENCRYPTED SIGSTORE PRIVATE KEY",
                                                 "ENCRYPTED COSIGN PRIVATE KEY"};
constexpr uint64_t kMostMemory = uint64_t{256} << 20;  // four times that of cosign's strongest

/// What Object::get() gives for a text of base 64.
Result<std::string> read_bytes(const json::Object& object, const char* key) {
  auto bytes = base64_decode(TRY(object.get<std::string_view>(key)));
  if (!bytes) return object.invalid(key, "must be base 64");
  return *std::move(bytes);
}

Result<void> expect_name(const json::Object& object, std::string_view name) {
  const std::string_view found = TRY(object.get<std::string_view>("name"));
  if (found == name) return {};
  return Error::because(ENOTSUP, cat(object.path(), " must be ", name, ", as cosign has it"));
}

/// The parameters of scrypt. Source: RFC 7914, section 2.
struct Cost {
  uint64_t n = 0, r = 0, p = 0;
};

Result<Cost> read_cost(const json::Object& kdf) {
  constexpr int64_t kMost = int64_t{1} << 30;
  const json::Object params = TRY(kdf.get<json::Object>("params"));
  Cost cost;
  cost.n = static_cast<uint64_t>(TRY(params.get_integer("N", 2, kMost)));
  cost.r = static_cast<uint64_t>(TRY(params.get_integer("r", 1, 1024)));
  cost.p = static_cast<uint64_t>(TRY(params.get_integer("p", 1, 1024)));
  if ((cost.n & (cost.n - 1)) != 0) return params.invalid("N", "must be a power of 2");
  if (128 * cost.r * (cost.n + cost.p) > kMostMemory)
    return Error::because(
        E2BIG, cat(params.path(), " must not take more than ", kMostMemory >> 20, " MiB"));
  return cost;
}

using Secret = std::array<unsigned char, crypto_secretbox_KEYBYTES>;

Result<Secret> derive(const json::Object& kdf, std::string_view password) {
  TRY(expect_name(kdf, "scrypt"));
  const Cost cost = TRY(read_cost(kdf));
  const std::string salt = TRY(read_bytes(kdf, "salt"));
  Secret secret{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(salt.data());
  if (EVP_PBE_scrypt(password.data(), password.size(), bytes, salt.size(), cost.n, cost.r, cost.p,
                     kMostMemory + (kMostMemory >> 4), secret.data(), secret.size()) != 1)
    return Error::because(EIO, "OpenSSL could not compute scrypt");
  return secret;
}

/// nullopt where it was locked with another secret, or changed since.
std::optional<std::string> open_box(const std::string& box, const std::string& nonce,
                                    const Secret& secret) {
  if (box.size() < crypto_secretbox_MACBYTES) return {};
  std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), bytes(box),
                                 box.size(), bytes(nonce), secret.data()) != 0)
    return {};
  return plain;
}

Result<std::string> decrypt(const json::Object& root, std::string_view password) {
  const json::Object kdf = TRY(root.get<json::Object>("kdf"));
  const json::Object cipher = TRY(root.get<json::Object>("cipher"));
  TRY(expect_name(cipher, "nacl/secretbox"));
  const std::string nonce = TRY(read_bytes(cipher, "nonce"));
  if (nonce.size() != crypto_secretbox_NONCEBYTES)
    return cipher.invalid("nonce", cat("must have ", crypto_secretbox_NONCEBYTES, " bytes"));
  const std::string box = TRY(read_bytes(root, "ciphertext"));
  const Secret secret = TRY(derive(kdf, password));
  auto plain = open_box(box, nonce, secret);
  if (!plain) return Error::because(EACCES, "the password is wrong");
  return *std::move(plain);
}

}  // namespace

std::optional<std::string> find_encrypted_key(const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!bio) throw std::bad_alloc();
  char* type = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  std::optional<std::string> found;
  while (!found && PEM_read_bio(bio.get(), &type, &header, &data, &size) == 1) {
    for (const std::string_view known : kTypes)
      if (type == known) found.emplace(reinterpret_cast<char*>(data), static_cast<size_t>(size));
    OPENSSL_free(type);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  return found;
}

Result<std::string> decrypt_key(std::string text, std::string_view name,
                                std::string_view password) {
  const json::Document document = TRY(json::Document::parse(std::move(text), name));
  const json::Object root = TRY(document.root().as<json::Object>());
  return TRY(decrypt(root, password), name);
}

}  // namespace wolffia::image::trust
