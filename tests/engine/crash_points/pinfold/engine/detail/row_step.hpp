#pragma once

// Stands in for the engine's own header, so that the steps of a row may be a worker's last, too.

#include "reached.hpp"

namespace pinfold::detail {

enum class RowStep { mapped, committed, named };

inline void reached_in_row(RowStep step) noexcept {
    switch (step) {
        case RowStep::mapped:
            return reached(Step::mapped_in_row);
        case RowStep::committed:
            return reached(Step::committed_in_row);
        case RowStep::named:
            return reached(Step::named_in_row);
    }
}

}  // namespace pinfold::detail
