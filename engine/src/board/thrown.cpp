#include "board/thrown.hpp"

#include "caught.hpp"
#include "handover.hpp"

namespace pinfold::detail {

void Thrown::record(std::uint64_t of_generation, std::uint64_t at, const char* of_type,
                    const char* with_text) noexcept {
    const NoRaces no_races;  // the texts
    forget();
    state_index = at;
    CutText(type).add(of_type);
    CutText(text).add(with_text);
    generation.store(of_generation, std::memory_order_release);
}

}  // namespace pinfold::detail
