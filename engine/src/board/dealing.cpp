#include "board/dealing.hpp"

#include <algorithm>
#include <pinfold/shm/asymmetric_fence.hpp>

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

/// The part of a plan that a share hands out.
Batch part_of(std::uint64_t chunks, const Share& share) noexcept {
    return {share.first_of(chunks), share.last_of(chunks)};
}

}  // namespace

void Dealing::enter(Board& board, PhaseRun& run) noexcept {
    board_ = &board;
    run_ = &run;
    size_ = 1;
    if (is_limited()) {
        cursors_ = {};  // the host wants the lowest first
    } else {
        cursors_ = set_up_ns() == 0 ? cursors_of_nodes() : cursors_of_workers();
    }
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
    if (batch.empty() && table_.may_lease) {
        batch = from_leases();
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

bool Dealing::is_limited() const noexcept {
    return run_->kind == PhaseRun::Kind::stretch &&
           board_->claim_limit.load(std::memory_order_relaxed) != no_limit;
}

// Whoever reads an old limit finds nothing, and goes to sleep on a bell that it looked at before:
// the host has rung it since.
std::uint64_t Dealing::chunks_below_limit() const noexcept {
    const std::uint64_t chunks = run_->plan.size();
    if (!is_limited()) {
        return chunks;
    }
    const std::uint64_t limit = board_->claim_limit.load(std::memory_order_acquire);
    return std::min(chunks, limit - std::min(limit, run_->plan.first()));
}

Dealing::Cursors Dealing::cursors_of_nodes() const noexcept {
    return {table_.workers[worker_].node.load(std::memory_order_relaxed), table_.nodes->count,
            true};
}

// Each worker has a cursor of its own, as far as there are that many. Whoever ran the chunk before
// the stretch goes on with it; on several nodes, each worker stays in its node's part instead.
Dealing::Cursors Dealing::cursors_of_workers() const noexcept {
    const auto workers = static_cast<std::uint32_t>(table_.lines.size());
    const std::uint32_t count = std::min<std::uint32_t>(workers, max_cursors);
    if (table_.nodes->count > 1) {
        return {rank_by_node() * count / workers, count, false};
    }
    std::uint32_t first = 0;
    if (run_->first_state > board_->first_main_state) {
        const ChunkWord& before = board_->states[run_->first_state - 1];
        first = unpack(before.load(std::memory_order_relaxed)).worker % workers;
    }
    return {(worker_ + workers - first) % workers * count / workers, count, false};
}

/// How many workers come before this one, node by node.
std::uint32_t Dealing::rank_by_node() const noexcept {
    const auto node_of = [&](WorkerNumber worker) {
        return table_.workers[worker].node.load(std::memory_order_relaxed);
    };
    const std::uint32_t own = node_of(worker_);
    std::uint32_t rank = 0;
    for (WorkerNumber other = 0; other < table_.lines.size(); ++other) {
        const std::uint32_t node = node_of(other);
        rank += node < own || (node == own && other < worker_) ? 1 : 0;
    }
    return rank;
}

// The nodes' cursors have the shares by which the pages of arrays lie on the nodes.
Share Dealing::share_of_cursor(std::uint32_t number) const noexcept {
    return cursors_.are_nodes ? table_.nodes->shares[number] : Share{number, 1, cursors_.count};
}

/// The cursor that comes after so many others.
std::uint32_t Dealing::cursor_after(std::uint32_t others) const noexcept {
    return cursors_.are_nodes ? table_.nodes->order[cursors_.own][others]
                              : (cursors_.own + others) % cursors_.count;
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
    const std::uint64_t limit = chunks_below_limit();
    for (std::uint32_t k = 0; k < cursors_.count; ++k) {
        const std::uint32_t number = cursor_after(k);
        const Batch part = part_of(chunks, share_of_cursor(number));
        std::atomic<std::uint64_t>& cursor = run_->cursors[number].next;
        const std::uint64_t size = std::clamp(limit, part.first, part.last) - part.first;
        std::uint64_t first = cursor.load(std::memory_order_relaxed);
        while (first < size) {
            const std::uint64_t share = share_of(size - first, k == 0);
            const std::uint64_t take = std::clamp<std::uint64_t>(share, 1, size_);
            const Batch batch =
                announce(with_whole_leases({part.first + first, part.first + first + take}));
            if (cursor.compare_exchange_weak(first, batch.last - part.first,
                                             std::memory_order_relaxed)) {
                return batch;
            }
        }
    }
    return {};
}

// A part of a lease at a batch's end would have to be claimed chunk by chunk.
Batch Dealing::with_whole_leases(Batch batch) const noexcept {
    if (batch.last - batch.first >= lease_chunks) {
        batch.last -= (run_->first_state + batch.last) % lease_chunks;
    }
    return batch;
}

/// Whether a chunk is to be had by a claim or a lease.
bool Dealing::is_free(std::uint64_t state_index) const noexcept {
    const Lease lease = lease_at(*board_, state_index);
    if (lease.kind != LeaseKind::split) {
        return lease.kind == LeaseKind::none;
    }
    const std::uint64_t state = board_->states[state_index].load(std::memory_order_relaxed);
    return seen_by(board_->generation, state).kind == ChunkKind::open;
}

/// The places that are left of the batch of a worker on the same board; none of another's.
Batch Dealing::left_of(const ClaimLine& other) const noexcept {
    if (&other == &line_ || other.joined.load(std::memory_order_relaxed) != board_->generation) {
        return {};
    }
    const std::uint64_t begin = run_->first_state;
    const Batch batch = unpack_batch(other.batch.load(std::memory_order_relaxed));
    Batch left{std::max(begin, batch.first), std::min(begin + run_->plan.size(), batch.last)};
    const std::uint64_t at = state_index_of(other.doing.load(std::memory_order_relaxed));
    if (at >= left.first && at < left.last) {
        left.first = at + 1;
    }
    return left.first < left.last ? left : Batch{};
}

// The later half of the last row of free chunks: a thief that came before works below it.
Batch Dealing::later_half_of(Batch places) noexcept {
    std::uint64_t last = places.last;
    while (last > places.first && !is_free(last - 1)) {
        --last;
    }
    std::uint64_t row = last;
    while (row > places.first && is_free(row - 1)) {
        --row;
    }
    const std::uint64_t begin = run_->first_state;
    return row < last ? announce({row + (last - row) / 2 - begin, last - begin}) : Batch{};
}

Batch Dealing::from_others() noexcept {
    Batch batch;
    for (WorkerNumber other = 0; other < table_.lines.size() && batch.empty(); ++other) {
        batch = later_half_of(left_of(table_.lines[other]));
    }
    return batch;
}

// A heavy fence costs as much as many short chunks, so what a lease holds is asked for last.
Batch Dealing::from_leases() noexcept {
    for (WorkerNumber other = 0; other < table_.lines.size(); ++other) {
        const Batch left = left_of(table_.lines[other]);
        if (!left.empty() && ask_for_lease_of(other, left.first)) {
            const Batch batch = later_half_of(left_of(table_.lines[other]));
            if (!batch.empty()) {
                return batch;
            }
        }
    }
    return {};
}

// The holder names a chunk and then looks at the lease. So after a heavy fence, either it has seen
// that somebody asks, and claims each chunk from now on, or its line names the chunk that it runs
// without a claim. That one is claimed for it, and then the rest may be claimed by all.
bool Dealing::ask_for_lease_of(WorkerNumber other, std::uint64_t place) noexcept {
    const std::uint64_t index = lease_index(place);
    LeaseWord& word = board_->leases[index];
    const Lease leased{board_->generation, other, LeaseKind::leased};
    const Lease asked{board_->generation, other, LeaseKind::asked};
    const Lease split{board_->generation, 0, LeaseKind::split};
    line_.asks.store(index + 1, std::memory_order_release);
    reached(Step::before_asking);
    bool is_split = false;
    if (move_lease(word, pack(leased), asked)) {
        reached(Step::asked);
        if (shm::receive_heavy_fences() && shm::heavy_fence()) {
            claim_for(other, index);
            reached(Step::claimed_for_another);
            is_split = move_lease(word, pack(asked), split);
        } else {
            static_cast<void>(move_lease(word, pack(asked), leased));
        }
    }
    line_.asks.store(0, std::memory_order_release);
    return is_split;
}

// Only if nobody has touched it in this job: a burial may have been here meanwhile.
void Dealing::claim_for(WorkerNumber other, std::uint64_t lease) noexcept {
    const std::uint64_t place =
        state_index_of(table_.lines[other].doing.load(std::memory_order_seq_cst));
    if (place >= no_chunk || lease_index(place) != lease) {
        return;
    }
    static_cast<void>(claim_untouched(board_->states[place], board_->generation, other));
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
