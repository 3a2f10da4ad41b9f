#include "board/oversight.hpp"

#include <algorithm>
#include <pinfold/shm/asymmetric_fence.hpp>

namespace pinfold::detail {

namespace {

/// The board that the worker is on, or nullptr.
const Board* board_of(const BoardTable& table, WorkerNumber worker) noexcept {
    const ClaimLine& line = table.lines[worker];
    const std::uint64_t generation = line.joined.load(std::memory_order_seq_cst);
    const Board& board = table.boards[line.board.load(std::memory_order_relaxed)];
    return generation != 0 && board.generation == generation ? &board : nullptr;
}

bool is_in_use(const BoardTable& table, BoardNumber board) noexcept {
    const auto is_on_it = [board](const ClaimLine& line) {
        return line.joined.load(std::memory_order_acquire) != 0 &&
               line.board.load(std::memory_order_relaxed) == board;
    };
    return table.open[board].load(std::memory_order_acquire) != 0 ||
           std::any_of(table.lines.begin(), table.lines.end(), is_on_it);
}

/// Condemns a worker that is still there. One that was condemned before is dying already.
template <typename StillThere>
bool condemn_if(const BoardTable& table, ClaimLine& line, std::uint64_t condemned,
                StillThere is_still_there) noexcept {
    if (line.condemned.load(std::memory_order_relaxed) != 0) {
        return false;
    }
    line.condemned.store(condemned, std::memory_order_seq_cst);
    // Under a lease a worker names a chunk and looks here with a light fence between.
    const bool is_fenced = !table.may_lease || shm::heavy_fence();
    if (is_fenced && is_still_there()) {
        return true;
    }
    line.condemned.store(0, std::memory_order_release);
    return false;
}

bool is_marked(const BoardTable& table, WorkerNumber worker) noexcept {
    const Board* const board = board_of(table, worker);
    return board != nullptr && board->kill_workers.load(std::memory_order_acquire);
}

/// What one worker did for the job `generation`, which is on `board`.
void add_worker(const BoardTable& table, const Board& board, std::uint64_t generation,
                WorkerNumber worker, StatusJob& job, StatusWorker& line) noexcept {
    const Tally& tally = board.tallies[worker];
    if (tally.generation.load(std::memory_order_acquire) != generation) {
        return;
    }
    const std::uint64_t chunks = tally.chunks.load(std::memory_order_relaxed);
    job.done += chunks;
    job.retries += tally.undone.load(std::memory_order_relaxed);
    const ClaimLine& at = table.lines[worker];
    if (at.joined.load(std::memory_order_acquire) == generation) {
        const std::uint64_t place = state_index_of(at.doing.load(std::memory_order_relaxed));
        line.job = generation;
        line.chunk = place < joining ? place : StatusWorker::no_chunk;
        line.chunks = chunks;
        line.busy_ns = tally.busy_ns.load(std::memory_order_relaxed);
    }
}

}  // namespace

// A board that another job gets meanwhile is told of at the next look.
void tell_of_jobs(const BoardTable& table, StatusLines& lines) noexcept {
    for (BoardNumber number = 0; number < table.boards.size(); ++number) {
        const std::uint64_t generation = table.open[number].load(std::memory_order_acquire);
        if (generation == 0) {
            continue;
        }
        ++lines.open_jobs;
        if (lines.told_jobs == lines.jobs.size()) {
            continue;
        }
        const Board& board = table.boards[number];
        StatusJob job{.job = generation,
                      .began_ns = board.began_ns.load(std::memory_order_relaxed),
                      .chunks = board.to_run.load(std::memory_order_relaxed)};
        for (WorkerNumber worker = 0; worker < lines.workers.size(); ++worker) {
            add_worker(table, board, generation, worker, job, lines.workers[worker]);
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (table.open[number].load(std::memory_order_relaxed) == generation) {
            lines.jobs[lines.told_jobs++] = job;
        }
    }
}

std::int64_t shortest_deadline_ns(const BoardTable& table) noexcept {
    std::int64_t shortest = 0;
    for (BoardNumber board = 0; board < table.boards.size(); ++board) {
        const std::int64_t deadline = table.boards[board].chunk_deadline_ns;
        if (deadline != 0 && (shortest == 0 || deadline < shortest) && is_in_use(table, board)) {
            shortest = deadline;
        }
    }
    return shortest;
}

std::int64_t deadline_ns_of(const BoardTable& table, WorkerNumber worker) noexcept {
    const Board* const board = board_of(table, worker);
    return board != nullptr ? board->chunk_deadline_ns.load(std::memory_order_relaxed) : 0;
}

std::uint64_t doing_of(const BoardTable& table, WorkerNumber worker) noexcept {
    return table.lines[worker].doing.load(std::memory_order_acquire);
}

bool condemn(BoardTable& table, WorkerNumber worker, std::uint64_t doing) noexcept {
    ClaimLine& line = table.lines[worker];
    return condemn_if(table, line, condemned_at(doing), [&] {
        return line.doing.load(std::memory_order_seq_cst) == doing &&
               line.joined.load(std::memory_order_seq_cst) != 0;
    });
}

bool condemn_marked(BoardTable& table, WorkerNumber worker) noexcept {
    const auto is_there = [&] { return is_marked(table, worker); };
    return is_there() && condemn_if(table, table.lines[worker], condemned_on_its_board, is_there);
}

void wake_hosts(BoardTable& table) noexcept {
    for (Board& board : table.boards) {
        board.host_bell.ring();
    }
}

}  // namespace pinfold::detail
