#pragma once

#include <pinfold/api.hpp>
#include <span>
#include <string_view>

namespace pinfold::kernels {

/// The instruction sets that the kernels have code for. Each level includes those before it, and
/// every level gives the same values.
enum class Isa {
    scalar,     ///< portable C++; the oracle of the others
    avx2,       ///< AVX2, BMI1, BMI2, POPCNT
    avx512,     ///< AVX-512 F, BW, DQ, VL
    avx512ice,  ///< and VBMI, VBMI2, BITALG, VNNI, VPOPCNTDQ, IFMA
};

/// The name of a level, as PINFOLD_ISA spells it.
[[nodiscard]] PINFOLD_API std::string_view isa_name(Isa isa) noexcept;

/// The levels that this processor and operating system can run, lowest first; never empty.
[[nodiscard]] PINFOLD_API std::span<const Isa> supported_isas() noexcept;

/// The level that the kernels use: the highest supported one, or the one that the environment
/// variable PINFOLD_ISA names when the kernels are first used in this process.
///
/// Throws: std::invalid_argument when PINFOLD_ISA names no level or an unsupported one. The message
/// names it and the levels that would work. Every kernel that has code for levels throws this too.
/// A program that calls this function first learns of it before any work starts.
[[nodiscard]] PINFOLD_API Isa active_isa();

}  // namespace pinfold::kernels
