#include "board/worker_journal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "board/board.hpp"

namespace pinfold::detail {

void WorkerJournal::keep(const Board& board, std::uint64_t index, const std::byte* result) {
    const bool is_host = board.host_pid == getpid();
    int error = is_host ? board.host_journal->write(index, result) : EBADF;
    if (error == EBADF) {
        error = keep_in_own(board, index, result);
    }
    if (error != 0) {
        board.journal->lose(error);
    }
}

// A map may close descriptors that it does not know: then the file is opened once more.
int WorkerJournal::keep_in_own(const Board& board, std::uint64_t index, const std::byte* result) {
    Kept& kept = kept_for(board);
    int error = kept.handle.write(index, result);
    if (error == EBADF) {
        kept.handle = open_journal_at(*board.journal);
        error = kept.handle.number() < 0 ? errno : kept.handle.write(index, result);
    }
    return error;
}

WorkerJournal::Kept& WorkerJournal::kept_for(const Board& board) {
    const auto kept = std::ranges::find(kept_, &board, &Kept::board);
    return kept != kept_.end() ? *kept : kept_.emplace_back(Kept{&board, board.generation, {}});
}

void WorkerJournal::forget_older(const Board& board) noexcept {
    const std::uint64_t generation = board.generation;
    std::erase_if(kept_, [&](const Kept& kept) {
        return kept.board == &board && kept.generation != generation;
    });
}

}  // namespace pinfold::detail
