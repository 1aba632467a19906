// SPDX-License-Identifier: Apache-2.0
#include "image/trust/key.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <new>

#include "image/trust/encrypted_key.hpp"

namespace wolffia::image::trust {
namespace {

struct Cleanup {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::unique_ptr<BIO, Cleanup> reader_of(const std::string& text) {
  std::unique_ptr<BIO, Cleanup> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

std::unique_ptr<EVP_MD_CTX, Cleanup> new_context() {
  std::unique_ptr<EVP_MD_CTX, Cleanup> context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

int give_passphrase(char* buffer, int size, int /*writing*/, void* data) {
  const std::string& password = *static_cast<const std::string*>(data);
  if (password.size() > static_cast<size_t>(size)) return -1;
  std::copy(password.begin(), password.end(), buffer);
  return static_cast<int>(password.size());
}

bool is_p256(evp_pkey_st* key) {
  std::array<char, 64> group{};
  size_t size = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

}  // namespace

Result<Key> Key::checked(evp_pkey_st* key, std::string_view name, std::string_view kind) {
  const std::shared_ptr<evp_pkey_st> owned(key, EVP_PKEY_free);
  if (!key || !is_p256(key))
    return Error::because(
        EINVAL, cat(name, " must be a PEM file with ", kind, " key for ECDSA on the curve P-256"));
  return Key(owned);
}

Result<Key> Key::parse_public(const std::string& pem, std::string_view name) {
  const auto reader = reader_of(pem);
  return checked(PEM_read_bio_PUBKEY(reader.get(), nullptr, no_passphrase, nullptr), name,
                 "a public");
}

Result<Key> Key::parse_private(const std::string& pem, std::string_view name,
                               const AskPassword& ask) {
  constexpr std::string_view kKind = "a private";
  if (auto encrypted = find_encrypted_key(pem)) {
    const std::string password = TRY(ask());
    const std::string der = TRY(decrypt_key(*std::move(encrypted), name, password));
    const unsigned char* bytes = bytes_of(der);
    return checked(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.size())), name, kKind);
  }
  // As OpenSSL has it: "BEGIN ENCRYPTED PRIVATE KEY", and of old "Proc-Type: 4,ENCRYPTED".
  const bool is_encrypted = pem.find("ENCRYPTED") != std::string::npos;
  std::string password;
  if (is_encrypted) password = TRY(ask());
  const auto reader = reader_of(pem);
  evp_pkey_st* key = PEM_read_bio_PrivateKey(reader.get(), nullptr, give_passphrase, &password);
  if (!key && is_encrypted)
    return Error::because(EACCES, cat(name, ": the password is wrong, or it is no key of ours"));
  return checked(key, name, kKind);
}

bool Key::verifies(std::string_view payload, std::string_view signature) const {
  const auto context = new_context();
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(payload),
                          payload.size()) == 1;
}

Result<std::string> Key::sign(std::string_view payload) const {
  const auto context = new_context();
  std::array<unsigned char, 256> signature{};  // of P-256 at most 72 bytes
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(payload), payload.size()) !=
          1)
    return Error::because(EIO, "OpenSSL could not sign");
  return std::string(reinterpret_cast<const char*>(signature.data()), size);
}

}  // namespace wolffia::image::trust
