#include "board/dealing.hpp"

#include <algorithm>

#include "reached.hpp"

namespace pinfold::detail {

namespace {

// A batch this long hides the cost of taking it (some 0.1 µs on a contended line) and still leaves
// enough batches for a fair end; chosen by job_bench.
constexpr std::int64_t batch_grows_below_ns = 25'000;
constexpr std::int64_t batch_shrinks_above_ns = 50'000;

// Where several workers share a cursor, a batch pays for a set-up. It may last this many of them,
// so that the set-up is a twentieth of it at most.
constexpr std::int64_t batch_to_set_up = 16;

/// The part of a plan that one of the cursors hands out.
Batch part_of(std::uint64_t chunks, std::uint32_t cursor, std::uint32_t cursors) noexcept {
    return {chunks * cursor / cursors, chunks * (cursor + 1) / cursors};
}

}  // namespace

void Dealing::enter(Board& board, PhaseRun& run) noexcept {
    board_ = &board;
    run_ = &run;
    size_ = 1;
    cursors_ = set_up_ns() == 0 ? cursors_of_nodes() : cursors_of_workers();
}

// Its predecessor's batch first, since there is one place for what the workers of a number leave.
Batch Dealing::next() noexcept {
    Batch batch;
    if (board_->returned.load(std::memory_order_seq_cst) != 0) {
        batch = take_returned(board_->tallies[worker_].returned);
    }
    if (batch.empty()) {
        batch = from_cursors();
    }
    if (batch.empty()) {
        batch = from_others();
    }
    if (batch.empty() && board_->returned.load(std::memory_order_seq_cst) != 0) {
        batch = from_the_dead();
    }
    return batch;
}

Batch Dealing::announce(Batch batch) noexcept {
    const std::uint64_t begin = run_->first_state;
    line_.batch.store(pack_batch({begin + batch.first, begin + batch.last}),
                      std::memory_order_relaxed);
    reached(Step::announced);
    return batch;
}

void Dealing::measured(std::int64_t took_ns) noexcept {
    const std::int64_t worth_a_set_up = batch_to_set_up * set_up_ns();
    if (took_ns < std::max(batch_grows_below_ns, worth_a_set_up)) {
        size_ = std::min(size_ * 2, max_batch);
    } else if (took_ns > std::max(batch_shrinks_above_ns, 2 * worth_a_set_up)) {
        size_ = std::max<std::uint64_t>(1, size_ / 2);
    }
}

std::int64_t Dealing::set_up_ns() const noexcept {
    const bool is_alone = table_.lines.size() == 1;  // its chunks lie in a row anyway
    return run_->kind == PhaseRun::Kind::phase || is_alone ? 0 : board_->chunk_set_up_ns;
}

Dealing::Cursors Dealing::cursors_of_nodes() const noexcept {
    return {table_.workers[worker_].node.load(std::memory_order_relaxed), table_.nodes};
}

// Each worker has a cursor of its own, as far as there are that many. Whoever ran the chunk before
// the stretch goes on with it.
Dealing::Cursors Dealing::cursors_of_workers() const noexcept {
    const auto workers = static_cast<std::uint32_t>(table_.lines.size());
    const std::uint32_t count = std::min<std::uint32_t>(workers, max_cursors);
    std::uint32_t first = 0;
    if (run_->first_state > board_->first_main_state) {
        const ChunkWord& before = board_->states[run_->first_state - 1];
        first = unpack(before.load(std::memory_order_relaxed)).worker % workers;
    }
    return {(worker_ + workers - first) % workers * count / workers, count};
}

// Without a set-up what is left is shared out by halves, so that all end together. A worker that is
// to run chunks in a row gets them all, of which others may take the later half.
std::uint64_t Dealing::share_of(std::uint64_t left, bool is_own) const noexcept {
    const std::uint64_t workers = table_.lines.size();
    if (set_up_ns() == 0) {
        return left / (2 * workers);
    }
    const std::uint64_t sharers = (workers - 1) / cursors_.count + (is_own ? 1 : 2);
    return (left - 1) / sharers + 1;
}

Batch Dealing::from_cursors() noexcept {
    const std::uint64_t chunks = run_->plan.size();
    for (std::uint32_t k = 0; k < cursors_.count; ++k) {
        const std::uint32_t number = (cursors_.own + k) % cursors_.count;
        const Batch part = part_of(chunks, number, cursors_.count);
        std::atomic<std::uint64_t>& cursor = run_->cursors[number].next;
        const std::uint64_t size = part.last - part.first;
        std::uint64_t first = cursor.load(std::memory_order_relaxed);
        while (first < size) {
            const std::uint64_t share = share_of(size - first, k == 0);
            const std::uint64_t take = std::clamp<std::uint64_t>(share, 1, size_);
            const std::uint64_t last = std::min(first + take, size);
            const Batch batch = announce({part.first + first, part.first + last});
            if (cursor.compare_exchange_weak(first, last, std::memory_order_relaxed)) {
                return batch;
            }
        }
    }
    return {};
}

bool Dealing::is_open(std::uint64_t state_index) const noexcept {
    const std::uint64_t word = board_->states[state_index].load(std::memory_order_relaxed);
    return seen_by(board_->generation, word).kind == ChunkKind::open;
}

// The later half of what is left of the batch of a worker that is on the same board.
Batch Dealing::from_others() noexcept {
    const std::uint64_t begin = run_->first_state;
    const std::uint64_t end = begin + run_->plan.size();
    for (const ClaimLine& other : table_.lines) {
        if (&other == &line_ ||
            other.joined.load(std::memory_order_relaxed) != board_->generation) {
            continue;
        }
        const Batch batch = unpack_batch(other.batch.load(std::memory_order_relaxed));
        std::uint64_t first = std::max(begin, batch.first);
        std::uint64_t last = std::min(end, batch.last);
        const std::uint64_t at = state_index_of(other.doing.load(std::memory_order_relaxed));
        if (at >= first && at < last) {
            first = at + 1;
        }
        while (last > first && !is_open(last - 1)) {
            --last;
        }
        // A thief that came before works below the last row of open chunks.
        std::uint64_t row = last;
        while (row > first && is_open(row - 1)) {
            --row;
        }
        if (row < last) {
            return announce({row + (last - row) / 2 - begin, last - begin});
        }
    }
    return {};
}

// What the dead had begun is open again, and so is what they had not come to.
Batch Dealing::from_the_dead() noexcept {
    Batch batch;
    for (WorkerNumber dead = 0; dead < table_.lines.size() && batch.empty(); ++dead) {
        Tally& tally = board_->tallies[dead];
        if (tally.generation.load(std::memory_order_acquire) == board_->generation) {
            batch = take_returned(tally.returned);
        }
    }
    return batch;
}

// Of another run: its phase is over, or this worker has not seen its beginning yet.
Batch Dealing::take_returned(std::atomic<std::uint64_t>& returned) noexcept {
    const std::uint64_t begin = run_->first_state;
    std::uint64_t word = returned.load(std::memory_order_acquire);
    const Batch places = unpack_batch(word);
    if (places.empty() || places.first < begin || places.first >= begin + run_->plan.size()) {
        return {};
    }
    const Batch batch = announce({places.first - begin, places.last - begin});
    const bool taken = returned.compare_exchange_strong(word, 0, std::memory_order_acq_rel);
    return taken ? batch : Batch{};
}

}  // namespace pinfold::detail
