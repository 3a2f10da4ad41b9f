#include "isa/isa_detection.hpp"

namespace pinfold::kernels {

// __builtin_cpu_supports reads CPUID and, by XGETBV, whether the system saves the vector registers.
// Each level asks for what isa_targets.hpp compiles it for.
Isa detect_isa() noexcept {
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl");
    const bool ice =
        avx512 && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512ifma");
    return ice ? Isa::avx512ice : avx512 ? Isa::avx512 : avx2 ? Isa::avx2 : Isa::scalar;
}

}  // namespace pinfold::kernels
