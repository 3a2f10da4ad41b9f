#include "results/failures.hpp"

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

void SkipRecord::record(std::uint64_t generation, std::uint64_t at, const char* type,
                        const char* text) noexcept {
    deaths = 0;
    thrown.record(generation, at, type, text);
}

// In the supervisor, which calls nothing that a program's checkers stand behind.
void SkipRecord::publish(std::uint64_t generation, std::uint64_t at) noexcept {
    thrown.state_index = at;
    thrown.type[0] = '\0';
    thrown.text[0] = '\0';
    thrown.generation.store(generation, std::memory_order_release);
}

}  // namespace pinfold::detail
