#pragma once

// What a function of each level is compiled for. detect_isa() asks the processor for the same.
#define PINFOLD_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

// For what takes or gives vectors: a call would send them through memory.
#define PINFOLD_AVX2_INLINE PINFOLD_AVX2 __attribute__((always_inline)) inline

#define PINFOLD_AVX512 \
    __attribute__((target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl")))

#define PINFOLD_AVX512ICE                                                        \
    __attribute__((                                                              \
        target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,"        \
               "avx512vbmi,avx512vbmi2,avx512bitalg,avx512vnni,avx512vpopcntdq," \
               "avx512ifma")))
