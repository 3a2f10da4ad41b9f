#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "isa/isa_detection.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::array<Isa, 4> all_isas = {Isa::scalar, Isa::avx2, Isa::avx512, Isa::avx512ice};

std::string supported_names() {
    std::string names;
    for (const Isa isa : supported_isas()) {
        names += names.empty() ? "" : ", ";
        names += isa_name(isa);
    }
    return names;
}

Isa choose_isa() {
    const char* const wanted = std::getenv("PINFOLD_ISA");
    if (wanted == nullptr || *wanted == '\0') {
        return supported_isas().back();
    }
    for (const Isa isa : supported_isas()) {
        if (wanted == isa_name(isa)) {
            return isa;
        }
    }
    throw std::invalid_argument("PINFOLD_ISA=" + std::string(wanted) +
                                " names no level that this machine supports; it has " +
                                supported_names());
}

}  // namespace

std::string_view isa_name(Isa isa) noexcept {
    switch (isa) {
        case Isa::avx2:
            return "avx2";
        case Isa::avx512:
            return "avx512";
        case Isa::avx512ice:
            return "avx512ice";
        case Isa::scalar:
            break;
    }
    return "scalar";
}

std::span<const Isa> supported_isas() noexcept {
    static const auto highest = static_cast<std::size_t>(detect_isa());
    return std::span(all_isas).first(highest + 1);
}

Isa active_isa() {
    static const Isa isa = choose_isa();
    return isa;
}

}  // namespace pinfold::kernels
