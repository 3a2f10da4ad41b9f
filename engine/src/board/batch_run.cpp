#include "board/batch_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <pinfold/shm/process_mark.hpp>
#include <thread>

#include "caught.hpp"
#include "reached.hpp"
#include "timeline/timed_row.hpp"

namespace pinfold::detail {

namespace {

// States and results were last written by another core; fetching their lines for writing this many
// chunks early hides the transfer (job_bench, 4096 empty chunks: 93 to 55 µs).
constexpr std::uint64_t prefetch_distance = lease_chunks;

void prefetch_lines(const void* first, std::size_t bytes) noexcept {
    const auto* const at = static_cast<const std::byte*>(first);
    for (std::size_t offset = 0; offset < bytes; offset += cache_line) {
        __builtin_prefetch(at + offset, 1);
    }
}

}  // namespace

BatchRun::BatchRun(Board& board, PhaseRun& run, ClaimLine& line, WorkerNumber worker,
                   WorkerTools& tools) noexcept
    : board_(board),
      run_(run),
      line_(line),
      worker_(worker),
      tools_(tools),
      held_(pack(Lease{board.generation, worker, LeaseKind::leased})),
      has_results_(run.kind == PhaseRun::Kind::stretch),
      is_large_(has_results_ && board.result_stride > largest_result_in_a_frame),
      may_lease_(tools.takes_leases && !is_large_ && board.journal == nullptr),
      memory_(board.phase_memory, run.number),
      row_{.job = board.job,
           .memory = &memory_,
           .plan = run.plan.whole(),
           .results = has_results_ ? board.results : nullptr,
           .stride = has_results_ ? board.result_stride : 0,
           .states = board.states + run.first_state - run.plan.first(),
           .process = shm::mark_of_this_process(),
           .doing = &line.doing,
           .condemned = &line.condemned,
           .stopping = &board.stopping,
           .blocks = has_results_ && board.has_slots ? &tools.blocks : nullptr,
           .jobs = &tools.jobs,
           .held = held_,
           .committed = pack(ChunkState{board.generation, worker, 1, ChunkKind::committed})},
      starts_(line.starts.load(std::memory_order_relaxed)) {}

std::uint64_t BatchRun::place_of(std::uint64_t index) const noexcept {
    return run_.first_state + index;
}

// What is named, noted and settled here is stored with release, so that the supervisor finds it in
// this order; on x86-64 these are plain stores.
void BatchRun::name(std::uint64_t place, bool is_leased) noexcept {
    line_.doing.store(doing(place, starts_, is_leased), std::memory_order_release);
}

bool BatchRun::run(Batch batch) {
    at_ = batch.first;
    while (at_ < batch.last && !board_.stopping.load(std::memory_order_relaxed)) {
        if ((take_lease(batch.last) || claim_one(batch.last)) && !run_row()) {
            return false;
        }
    }
    return true;
}

// Only where nobody has begun a chunk: so each is untouched, and what a burial finds of it was done
// under this lease.
bool BatchRun::take_lease(std::uint64_t last) noexcept {
    const std::uint64_t place = place_of(at_);
    if (!may_lease_ || place % lease_chunks != 0 || last - at_ < lease_chunks) {
        return false;
    }
    LeaseWord& word = board_.leases[lease_index(place)];
    const std::uint64_t seen = word.load(std::memory_order_relaxed);
    if (lease_seen_by(board_.generation, seen).kind != LeaseKind::none) {
        return false;
    }
    prefetch(at_ + lease_chunks, std::min(at_ + 2 * lease_chunks, last));
    name(place, true);
    reached(Step::before_lease);
    if (!move_lease(word, seen, {board_.generation, worker_, LeaseKind::leased})) {
        return false;
    }
    reached(Step::leased);
    is_leased_ = true;
    end_ = at_ + lease_chunks;
    attempts_ = 1;
    heed_condemnation();
    return true;
}

bool BatchRun::claim_one(std::uint64_t last) noexcept {
    const std::uint64_t place = place_of(at_);
    prefetch(at_ + prefetch_distance, std::min(at_ + prefetch_distance + 1, last));
    name(place, false);
    reached(Step::before_claim);
    const Lease lease = split_if_free(board_.leases[lease_index(place)], board_.generation);
    if (lease.kind != LeaseKind::split && lease.holder != worker_) {
        at_ = std::min(at_ + lease_chunks - place % lease_chunks, last);
        return false;
    }
    attempts_ = claim(board_.states[place], board_.generation, worker_);
    if (attempts_ == 0) {
        ++at_;
        return false;
    }
    reached(Step::claimed);
    line_.starts.store(++starts_, std::memory_order_release);
    reached(Step::noted);
    is_leased_ = false;
    end_ = at_ + 1;
    heed_condemnation();
    return true;
}

void BatchRun::prefetch(std::uint64_t first, std::uint64_t last) const noexcept {
    if (first < last) {
        prefetch_lines(board_.states + place_of(first), (last - first) * sizeof(ChunkWord));
        prefetch_lines(row_.results + (run_.plan.first() + first) * row_.stride,
                       std::min((last - first) * row_.stride, lease_chunks * cache_line));
    }
}

// What was named stands before the compare-and-swap that took it, and that before this look.
void BatchRun::heed_condemnation() const noexcept {
    if constexpr (!a_claim_is_a_fence) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    if (line_.condemned.load(std::memory_order_seq_cst) != 0) {
        wait_for_verdict(line_);
    }
}

// Returns whether the worker goes on.
bool BatchRun::run_row() {
    ChunkRow row = row_;
    row.at = run_.plan.first() + at_;
    row.end = run_.plan.first() + end_;
    row.now_doing = doing(place_of(at_), starts_, true);
    row.lease = &board_.leases[lease_index(place_of(at_))];
    try {
        if (is_large_) {
            row.results = tools_.large.of(row.stride);
            row.stride = 0;
        }
        if (board_.tracks == nullptr) [[likely]] {
            run_.call(row);
        } else {
            run_on_track(row);
        }
    } catch (...) {
        end_unless_own(row_.process);
        return map_threw();
    }
    end_row(row.at - run_.plan.first(), row.is_begun);
    return true;
}

void BatchRun::run_on_track(ChunkRow& row) {
    run_timed(row, run_.call, *board_.tracks, worker_, run_.first_state - run_.plan.first(),
              tools_.chunks_a_look);
}

// `at`: the last chunk that the row named. One that was not begun stays named until it is claimed:
// it may have been claimed for this worker meanwhile, which a burial has to find.
void BatchRun::end_row(std::uint64_t at, bool is_begun) {
    const std::uint64_t place = place_of(at);
    if (is_begun) {
        keep(at);
        reached(Step::map_returned);
        settle(board_.states[place], {board_.generation, worker_, attempts_, ChunkKind::committed});
        reached(Step::committed);
        if (row_.blocks != nullptr) {
            row_.blocks->give_over();
            reached(Step::given_over);
        }
    }
    if (is_leased_) {
        starts_ += at - at_ + (is_begun ? 1 : 0);
        line_.starts.store(starts_, std::memory_order_release);
    }
    at_ = at + (is_begun ? 1 : 0);
}

void BatchRun::keep(std::uint64_t index) {
    if (!has_results_) {
        return;
    }
    const std::uint64_t number = run_.plan.first() + index;
    std::byte* const result = board_.results + number * board_.result_stride;
    if (is_large_) {
        std::memcpy(result, tools_.large.of(board_.result_stride), board_.result_stride);
    }
    if (board_.journal != nullptr) {
        tools_.journal.keep(board_, number, result);
    }
}

void wait_for_verdict(const ClaimLine& line) noexcept {
    while (line.condemned.load(std::memory_order_acquire) != 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

// Called while an exception is being handled. Returns whether the worker goes on. A lack of memory
// under a worker's limit may pass, for a worker that has not filled its memory yet: so this one is
// to end. It leaves its chunk, and the rest of its batch, to its burial.
bool BatchRun::map_threw() {
    const Caught caught;
    if (row_.blocks != nullptr) {
        row_.blocks->drop();
    }
    const std::uint64_t place = state_index_of(line_.doing.load(std::memory_order_relaxed));
    const std::uint64_t at = place - run_.first_state;
    if (is_leased_) {
        starts_ += at - at_ + 1;
        line_.starts.store(starts_, std::memory_order_release);
    }
    at_ = at + 1;
    if (board_.tracks != nullptr) [[unlikely]] {
        board_.tracks->end_at(worker_, place);
    }
    const ChunkState state{board_.generation, worker_, attempts_, ChunkKind::claimed};
    if (caught.is_heap_full()) {
        lose(place, state, caught, false);
        return false;
    }
    if (caught.is_bad_alloc() && board_.workers_may_die) {
        const bool is_first = starts_ - tools_.starts_before == 1;
        const auto lack = is_first ? MemoryLack::from_the_start : MemoryLack::after_others;
        line_.memory_lack.store(lack, std::memory_order_release);
        if (is_first && state.attempts == board_.max_attempts) {
            lose(place, state, caught, board_.may_skip(place));
        }
        return false;
    }
    lose(place, state, caught, board_.may_skip(place));
    return board_.may_skip(place);
}

// Any other exception is the map's answer and would come again. That the pool's heap is full is no
// chunk's fault: then the job ends, though it may skip others.
void BatchRun::lose(std::uint64_t place, ChunkState state, const Caught& caught,
                    bool is_skipped) noexcept {
    if (!is_skipped) {
        board_.thrown[worker_].record(board_.generation, place, caught.type(), caught.text());
    } else if (SkipRecord* const reason = board_.skip_log.take()) {
        reached(Step::reason_taken);
        reason->record(board_.generation, place, caught.type(), caught.text());
    }
    reached(Step::threw);
    state.kind = ChunkKind::lost;
    settle(board_.states[place], state);
    reached(Step::lost);
    if (!is_skipped) {
        board_.stopping.store(true, std::memory_order_release);
    }
}

}  // namespace pinfold::detail
