#pragma once

#include <gmp.h>

#include <cstdint>
#include <pinfold/kernels/stepwise.hpp>
#include <span>
#include <string>

namespace pinfold::kernels {

/// GMP's own integer, as the oracle.
class GmpInteger {
  public:
    GmpInteger() { mpz_init(value_); }
    explicit GmpInteger(const std::string& decimal) {
        mpz_init_set_str(value_, decimal.c_str(), 10);
    }
    ~GmpInteger() { mpz_clear(value_); }
    GmpInteger(const GmpInteger&) = delete;
    GmpInteger& operator=(const GmpInteger&) = delete;

    [[nodiscard]] mpz_ptr get() { return value_; }
    [[nodiscard]] std::span<const Limb> limbs() const {
        return {mpz_limbs_read(value_), mpz_size(value_)};
    }
    [[nodiscard]] std::uint64_t bits() const { return mpz_sizeinbase(value_, 2); }
    [[nodiscard]] std::string text(int base = 10) const {
        std::string text(mpz_sizeinbase(value_, base) + 2, '\0');
        mpz_get_str(text.data(), base, value_);
        return text.c_str();
    }

  private:
    mpz_t value_;
};

}  // namespace pinfold::kernels
