#pragma once

// Copies of what the loop over a batch needs of its phase, so that the compiler keeps in registers
// what it would have to read again from shared memory after each call of a map.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "board/board.hpp"
#include "board/own_result.hpp"
#include "board/worker_journal.hpp"

namespace pinfold::detail {

/// Ends a process that some map's worker forked, and that has come back from the map: it must not
/// write a word that others see.
inline void leave_unless_own(const PhaseMemory& memory) noexcept {
    if (!memory.is_in_its_process()) [[unlikely]] {
        _exit(EXIT_SUCCESS);
    }
}

/// Of a stretch of the job's own chunks, whose maps have results.
struct MainPhase {
    MainPhase(const Board& on_board, const PhaseRun& run, const ProcessMark& process,
              WorkerJournal& worker_journal, OwnResult& large_result) noexcept
        : board(on_board),
          journal(worker_journal),
          own(large_result),
          has_journal(on_board.journal != nullptr),
          states(on_board.states + run.first_state),
          first_state(run.first_state),
          results(on_board.results + run.plan.first() * on_board.result_stride),
          stride(on_board.result_stride),
          plan(run.plan),
          call(run.main_call),
          job(board.job),
          memory(board.phase_memory, run.number, process) {}

    void prefetch(std::uint64_t index) const noexcept {
        __builtin_prefetch(states + index, 1);
        __builtin_prefetch(results + index * stride, 1);
    }
    void map(std::uint64_t index) const {
        std::byte* const result = results + index * stride;
        if (stride <= largest_result_in_a_frame) {
            call(job, plan[index], memory, result);
            leave_unless_own();
        } else {
            std::byte* const place = own.of(stride);
            call(job, plan[index], memory, place);
            leave_unless_own();
            std::memcpy(result, place, stride);
        }
        if (has_journal) {
            journal.keep(board, plan.first() + index, result);
        }
    }

    void leave_unless_own() const noexcept { detail::leave_unless_own(memory); }

    const Board& board;
    WorkerJournal& journal;
    OwnResult& own;
    bool has_journal;
    ChunkWord* states;
    std::uint64_t first_state;
    std::byte* results;
    std::size_t stride;
    PlanPart plan;
    PhaseRun::MainCall call;
    const void* job;
    PhaseMemory memory;
};

/// Of a phase, whose maps write what they leave.
struct EarlyPhase {
    EarlyPhase(const Board& board, const PhaseRun& run, const ProcessMark& process) noexcept
        : states(board.states + run.first_state),
          first_state(run.first_state),
          plan(run.plan),
          call(run.phase_call),
          job(board.job),
          memory(board.phase_memory, run.number, process) {}

    void prefetch(std::uint64_t index) const noexcept { __builtin_prefetch(states + index, 1); }
    void map(std::uint64_t index) const {
        call(job, plan[index], memory);
        leave_unless_own();
    }
    void leave_unless_own() const noexcept { detail::leave_unless_own(memory); }

    ChunkWord* states;
    std::uint64_t first_state;
    PlanPart plan;
    Phase::Call call;
    const void* job;
    PhaseMemory memory;
};

}  // namespace pinfold::detail
