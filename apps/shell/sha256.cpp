// libcrypto appears in this file alone.
#include "shell/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace pinfold::apps {

namespace {

void require(int success) {
    if (success != 1) {
        throw std::runtime_error("libcrypto cannot compute a SHA-256");
    }
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) {
        EVP_MD_CTX_free(context_);
        require(0);
    }
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(context_);
}

void Sha256::update(std::string_view piece) {
    require(EVP_DigestUpdate(context_, piece.data(), piece.size()));
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context_, bytes.data(), &size));
    std::string digits;
    for (unsigned i = 0; i < size; ++i) {
        digits += fmt::format("{:02x}", bytes[i]);
    }
    return digits;
}

}  // namespace pinfold::apps
