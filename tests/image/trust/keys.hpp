// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

namespace wolffia::test {

struct KeyPair {
  std::string public_pem, private_pem;
};

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

/// A new key on `curve`; with `password` its private part is encrypted.
inline KeyPair make_keys(const std::string& curve = "P-256", const char* password = nullptr) {
  const std::shared_ptr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.c_str()),
                                      EVP_PKEY_free);
  BIO* open = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(open, key.get());
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(secret, key.get(), password ? EVP_aes_256_cbc() : nullptr, password,
                                password ? 4 : 0, nullptr, nullptr);
  return {text_of(open), text_of(secret)};
}

}  // namespace wolffia::test
