#include "board/thrown.hpp"

#include "caught.hpp"
#include "handover.hpp"

namespace pinfold::detail {

void Thrown::record(WorkerNumber worker, std::uint64_t at, const char* of_type,
                    const char* with_text) noexcept {
    std::uint32_t nobody = 0;
    if (writer.compare_exchange_strong(nobody, worker + 1)) {
        state_index = at;
        const NoRaces no_races;
        CutText(type).add(of_type);
        CutText(text).add(with_text);
    }
}

void Thrown::forget(WorkerNumber worker) noexcept {
    std::uint32_t half_written = worker + 1;
    writer.compare_exchange_strong(half_written, 0);
}

}  // namespace pinfold::detail
