// Exact Fibonacci numbers by GMP, whose mpz_fib_ui takes two squarings a doubling step. GMP appears
// in this file alone.
#include <gmp.h>

#include <cstring>
#include <pinfold/kernels/fibonacci.hpp>
#include <stdexcept>

#include "number_range.hpp"

namespace pinfold::kernels {
namespace {

/// An mpz_t that is freed.
class Integer {
  public:
    Integer() noexcept { mpz_init(value_); }
    ~Integer() { mpz_clear(value_); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;

    [[nodiscard]] mpz_ptr get() noexcept { return value_; }

    [[nodiscard]] std::string digits(Base base) const {
        // mpz_get_str wants room for a sign and the zero byte, and mpz_sizeinbase is one high at
        // most.
        std::string text(mpz_sizeinbase(value_, static_cast<int>(base)) + 2, '\0');
        mpz_get_str(text.data(), static_cast<int>(base), value_);
        text.resize(std::strlen(text.c_str()));
        return text;
    }

  private:
    mpz_t value_;
};

void require_exact(uint128 n) {
    if (n > max_exact_fibonacci) {
        throw std::invalid_argument("F(" + decimal(n) +
                                    ") is too long to be exact; the limit is F(" +
                                    decimal(max_exact_fibonacci) + ")");
    }
}

}  // namespace

std::uint64_t fibonacci_bytes(std::uint64_t n) noexcept {
    constexpr double bytes_per_step = 0.694241913630617 / 8;  // log2 of the golden ratio, in bytes
    return static_cast<std::uint64_t>(static_cast<double>(n) * bytes_per_step) + 1;
}

std::string fibonacci(std::uint64_t n, Base base) {
    require_exact(n);
    Integer f;
    mpz_fib_ui(f.get(), n);
    return f.digits(base);
}

std::string fibonacci_sum(std::uint64_t begin, std::uint64_t end, Base base) {
    require_range(begin, end);
    require_exact(uint128{end} + 1);
    Integer above;
    Integer below;
    mpz_fib_ui(above.get(), end + 1);
    mpz_fib_ui(below.get(), begin + 1);
    mpz_sub(above.get(), above.get(), below.get());
    return above.digits(base);
}

}  // namespace pinfold::kernels
