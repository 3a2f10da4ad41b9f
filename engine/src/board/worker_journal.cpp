#include "board/worker_journal.hpp"

#include <unistd.h>

#include "board/board.hpp"

namespace pinfold::detail {

void WorkerJournal::keep(const Board& board, std::uint64_t index, const std::byte* result) {
    if (board.host_pid == getpid()) {
        board.host_journal.write(index, result);
        return;
    }
    if (!mapping_.slots()) {
        mapping_ = JournalMapping(*board.journal);
    }
    mapping_.slots().write(index, result);
}

}  // namespace pinfold::detail
