#pragma once

// Stands in for the engine's own header, so that the steps of a row may be a worker's last, too.

#include "reached.hpp"

namespace pinfold::detail {

enum class RowStep { emitted, merged, block_taken, written, mapped, committed, given_over, named };

inline void reached_in_row(RowStep step) noexcept {
    switch (step) {
        case RowStep::emitted:
            return reached(Step::emitted_in_row);
        case RowStep::merged:
            return reached(Step::merged_in_row);
        case RowStep::block_taken:
            return reached(Step::block_taken_in_row);
        case RowStep::written:
            return reached(Step::written_in_row);
        case RowStep::mapped:
            return reached(Step::mapped_in_row);
        case RowStep::committed:
            return reached(Step::committed_in_row);
        case RowStep::given_over:
            return reached(Step::given_over_in_row);
        case RowStep::named:
            return reached(Step::named_in_row);
    }
}

}  // namespace pinfold::detail
