// Two registers say how an x86 computes: MXCSR for SSE and AVX, the control word for x87. Reading
// them is cheap and writing is not, so they are written where they differ alone.

#include <xmmintrin.h>

#include <cstdint>

#include "floating_mode.hpp"

namespace pinfold::detail {

namespace {

constexpr unsigned flags_of_mxcsr = 0x3FU;  // the lowest bits: exceptions that happened

std::uint16_t x87_control() noexcept {
    std::uint16_t word = 0;
    asm volatile("fnstcw %0" : "=m"(word));
    return word;
}

// A flag of an exception that happened would trap late, where the new word lets it trap.
void set_x87_control(std::uint16_t word) noexcept {
    asm volatile("fnclex\n\tfldcw %0" : : "m"(word) : "memory");
}

}  // namespace

FloatingMode FloatingMode::of_this_thread() noexcept {
    FloatingMode mode;
    mode.state_.__mxcsr = _mm_getcsr() & ~flags_of_mxcsr;
    mode.state_.__control_word = x87_control();
    return mode;
}

// Field by field: a wider read of what was just written in parts would wait for all stores.
void FloatingMode::follow_this_thread() noexcept {
    const unsigned mxcsr = _mm_getcsr() & ~flags_of_mxcsr;
    if (state_.__mxcsr != mxcsr) {
        state_.__mxcsr = mxcsr;
    }
    const std::uint16_t x87 = x87_control();
    if (state_.__control_word != x87) {
        state_.__control_word = x87;
    }
}

void FloatingMode::apply_to_this_thread() const noexcept {
    const unsigned now = _mm_getcsr();
    if ((now & ~flags_of_mxcsr) != state_.__mxcsr) {
        _mm_setcsr(state_.__mxcsr | (now & flags_of_mxcsr));
    }
    if (x87_control() != state_.__control_word) {
        set_x87_control(state_.__control_word);
    }
}

}  // namespace pinfold::detail
