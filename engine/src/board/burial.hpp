#pragma once

#include "board/board.hpp"

namespace pinfold::detail {

/// How a worker ended.
struct End {
    int pid = 0;
    int wait_status = 0;  // as from waitpid()
    bool past_deadline = false;
};

/// Undoes what dead worker `worker` had begun, so that others can do it again, and clears its line
/// for its successor. Only the chunk that it was executing is blamed; a chunk without attempts left
/// is lost. The caller has reaped the worker, so nothing of it runs any more.
void bury(Control& control, int worker, End end) noexcept;

}  // namespace pinfold::detail
