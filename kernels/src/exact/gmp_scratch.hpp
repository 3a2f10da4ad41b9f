#pragma once

#include <gmp.h>

#include <cstddef>
#include <pinfold/kernels/stepwise.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace pinfold::kernels {

static_assert(std::is_same_v<Limb, mp_limb_t> && GMP_NUMB_BITS == 64,
              "exact values need a GMP with plain limbs of 64 bits");

/// While it lives, GMP takes the calling thread's temporaries from `memory` instead of the heap.
///
/// GMP ends the program when the heap has nothing left, where taking the memory beforehand throws;
/// and it gives large temporaries back to the system after each product, only to ask for new pages.
/// What `memory` cannot hold still comes from the heap. Thread-safety: any, one at a time a thread;
/// other threads, and calls of GMP outside its life, keep the functions that were set before.
class GmpScratch {
  public:
    explicit GmpScratch(std::span<Limb> memory) noexcept;
    ~GmpScratch();
    GmpScratch(const GmpScratch&) = delete;
    GmpScratch& operator=(const GmpScratch&) = delete;

    /// How many bytes this thread's GMP had to take from the heap in spite of a GmpScratch.
    [[nodiscard]] static std::size_t heap_bytes() noexcept;
};

/// The limbs of scratch that are enough for GMP to find any product of `limbs` limbs. GMP 6.2 was
/// seen to take up to 3.9 times the product where it multiplies by FFT, and less below.
[[nodiscard]] constexpr std::size_t gmp_scratch_limbs(std::size_t limbs) {
    constexpr std::size_t for_short_products = 4096;
    return 4 * limbs + for_short_products;
}

/// out = a * b, in any order of lengths; `out` has room for a.size() + b.size() limbs.
inline void multiply(Limb* out, std::span<const Limb> a, std::span<const Limb> b) noexcept {
    if (a.size() < b.size()) {
        std::swap(a, b);
    }
    mpn_mul(out, a.data(), static_cast<mp_size_t>(a.size()), b.data(),
            static_cast<mp_size_t>(b.size()));
}

}  // namespace pinfold::kernels
