#include "board/worker_journal.hpp"

#include <unistd.h>

#include <algorithm>

#include "board/board.hpp"

namespace pinfold::detail {

void WorkerJournal::keep(const Board& board, std::uint64_t index, const std::byte* result) {
    const bool is_host = board.host_pid == getpid();
    const JournalSlots& slots = is_host ? board.host_journal : slots_of(board);
    slots.write(index, result);
}

const JournalSlots& WorkerJournal::slots_of(const Board& board) {
    auto kept = std::ranges::find(kept_, &board, &Kept::board);
    if (kept == kept_.end()) {
        kept = kept_.insert(kept_.end(),
                            {&board, board.generation, JournalMapping::of_worker(*board.journal)});
    }
    return kept->mapping.slots();
}

void WorkerJournal::forget_older(const Board& board) noexcept {
    const std::uint64_t generation = board.generation;
    std::erase_if(kept_, [&](const Kept& kept) {
        return kept.board == &board && kept.generation != generation;
    });
}

}  // namespace pinfold::detail
