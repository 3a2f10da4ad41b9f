#include <array>
#include <atomic>
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

// Found by whoever asks first, perhaps by several threads. No statics of functions: see MadeOnce.
constexpr int unknown = -1;
constinit std::atomic<int> highest_isa{unknown};
constinit std::atomic<int> chosen_isa{unknown};

Isa found_once(std::atomic<int>& known, Isa (*find)()) {
    int isa = known.load(std::memory_order_relaxed);
    if (isa == unknown) {
        isa = static_cast<int>(find());
        known.store(isa, std::memory_order_relaxed);
    }
    return static_cast<Isa>(isa);
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
    const Isa highest = found_once(highest_isa, detect_isa);
    return std::span(all_isas).first(static_cast<std::size_t>(highest) + 1);
}

Isa active_isa() {
    return found_once(chosen_isa, choose_isa);
}

}  // namespace pinfold::kernels
