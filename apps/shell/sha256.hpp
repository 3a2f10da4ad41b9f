#pragma once

#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace pinfold::apps {

/// The SHA-256 of a text that comes in pieces. Throws std::runtime_error when libcrypto refuses.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::string_view piece);

    /// 64 lower-case hexadecimal digits. To be called once.
    [[nodiscard]] std::string finish();

  private:
    evp_md_ctx_st* context_;
};

}  // namespace pinfold::apps
