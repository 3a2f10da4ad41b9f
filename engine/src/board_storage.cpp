#include "board_storage.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "clock.hpp"

namespace pinfold::detail {

namespace {

constexpr std::size_t in_lines(std::size_t bytes) {
    return (bytes + cache_line - 1) / cache_line * cache_line;
}

void grow(Block& block, BlockSource& source, std::size_t bytes) {
    if (block.bytes() < bytes) {
        block = Block(source, std::max(bytes, 2 * block.bytes()));
    }
}

// Commits the chunks that the journal has, in the name of no worker.
void restore(Board& board) {
    PhaseRun& run = board.runs.back();
    for (std::uint64_t i = 0; i < run.plan.size(); ++i) {
        if (const std::byte* const result = board.host_journal.read(i)) {
            std::memcpy(board.results + i * board.result_stride, result,
                        board.journal->result_bytes);
            settle(board.states[run.first_state + i],
                   {board.generation, no_worker, 0, ChunkKind::committed});
            ++board.restored;
        }
    }
    run.over.store(board.restored, std::memory_order_relaxed);
    if (board.restored == run.plan.size()) {
        // Nothing is left that would read what the phases leave.
        for (PhaseRun& phase : board.runs) {
            phase.ended_at_ns.store(now_ns(), std::memory_order_relaxed);
        }
        board.phase.store(static_cast<std::uint32_t>(board.runs.size()), std::memory_order_release);
    }
}

}  // namespace

void BoardStorage::prepare(Board& board, const JobSpec& spec, const JournalFile* journal,
                           std::uint64_t generation) {
    const std::vector<ChunkPlan> plans = plan_phases(spec);
    std::uint64_t chunks = 0;
    for (const ChunkPlan& plan : plans) {
        chunks += plan.size();
    }
    const std::size_t align = spec.result_alignment;
    board.result_stride = (spec.result_bytes + align - 1) / align * align;
    grow(states_, *source_, chunks * sizeof(ChunkWord));
    grow(tallies_, *source_, workers_ * sizeof(Tally));
    if (faults_.data() == nullptr) {
        grow(faults_, *source_, sizeof(FaultRecord));
        board.faults = new (faults_.data()) FaultRecord;
    }
    grow(results_, *source_, plans.back().size() * board.result_stride);

    board.generation = generation;
    board.states = static_cast<ChunkWord*>(states_.data());
    board.tallies = static_cast<Tally*>(tallies_.data());
    board.results = static_cast<std::byte*>(results_.data());
    board.max_attempts = static_cast<unsigned>(spec.settings->max_attempts);
    board.skip_poison = spec.settings->on_poison == OnPoison::skip;
    board.chunk_deadline_ns = spec.settings->chunk_deadline.count();
    lay_out_frame(board, spec, plans);

    board.phase.store(0, std::memory_order_relaxed);
    board.lost_counts.store(0, std::memory_order_relaxed);
    board.deaths.store(0, std::memory_order_relaxed);
    board.stopping.store(false, std::memory_order_relaxed);
    board.kill_workers.store(false, std::memory_order_relaxed);
    board.faults->thrown.writer.store(0, std::memory_order_relaxed);
    attach(board, journal);
}

void BoardStorage::attach(Board& board, const JournalFile* journal) {
    board.restored = 0;
    board.journal = nullptr;
    if (journal == nullptr) {
        return;
    }
    grow(journal_, *source_, sizeof(JournalPlace));
    board.journal = new (journal_.data()) JournalPlace(journal->place());
    board.host_journal = journal->slots();
    board.host_pid = getpid();
    restore(board);
}

std::vector<ChunkPlan> BoardStorage::plan_phases(const JobSpec& spec) const {
    std::vector<ChunkPlan> plans;
    plans.reserve(spec.settings->phases.size() + 1);
    for (const Phase& phase : spec.settings->phases) {
        plans.emplace_back(phase.range, phase.grain);
    }
    plans.push_back(spec.plan);
    return plans;
}

void BoardStorage::lay_out_frame(Board& board, const JobSpec& spec,
                                 const std::vector<ChunkPlan>& plans) {
    using LeftSpan = std::span<std::byte>;
    const std::size_t phases = spec.settings->phases.size();
    const std::size_t job_at = in_lines(plans.size() * sizeof(PhaseRun));
    const std::size_t left_at = job_at + in_lines(spec.job.size());
    grow(frame_, *source_, left_at + phases * sizeof(LeftSpan));
    std::byte* const frame = static_cast<std::byte*>(frame_.data());

    auto* const runs = reinterpret_cast<PhaseRun*>(frame);
    std::uint64_t first_state = 0;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        PhaseRun* const run = new (runs + i) PhaseRun(plans[i]);
        run->first_state = first_state;
        run->phase_call = i < phases ? spec.settings->phases[i].call : nullptr;
        run->main_call = i < phases ? nullptr : spec.call;
        first_state += plans[i].size();
    }
    board.runs = {runs, plans.size()};
    std::ranges::copy(spec.job, frame + job_at);
    board.job = frame + job_at;

    auto* const spans = reinterpret_cast<LeftSpan*>(frame + left_at);
    drop_left();
    for (std::size_t i = 0; i < phases; ++i) {
        const std::size_t bytes = spec.settings->phases[i].bytes;
        left_.emplace_back(*source_, bytes);
        new (spans + i) LeftSpan(static_cast<std::byte*>(left_.back().data()), bytes);
    }
    board.left = {spans, phases};
}

}  // namespace pinfold::detail
