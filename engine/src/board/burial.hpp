#pragma once

#include "board/board.hpp"

namespace pinfold::detail {

/// Undoes what dead worker `worker` had begun on the boards, so that others can do it again, and
/// clears its line for its successor. Only the chunk that it was executing is blamed; a chunk
/// without attempts left is lost. The caller has reaped the worker, so nothing of it runs any more,
/// and rings `table.work` when all is undone.
void bury(BoardTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept;

}  // namespace pinfold::detail
