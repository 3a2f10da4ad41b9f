#include "board/boards.hpp"

#include <algorithm>
#include <pinfold/engine/errors.hpp>
#include <pinfold/shm/process_mark.hpp>

#include "board/claim_loop.hpp"
#include "results/worker_blocks.hpp"

namespace pinfold::detail {

namespace {

// As many jobs as fold at the same time, in an ordinary program; what is beyond is given back.
constexpr std::size_t most_spare_results = 4;

}  // namespace

Boards::Boards(BoardTable& table, BlockSource& source, bool workers_may_die)
    : table_(table),
      source_(source),
      storages_(table.boards.size()),
      taken_(table.boards.size(), false) {
    static_cast<void>(
        shm::mark_of_this_process());  // what it needs is there before workers are forked
    for (Board& board : table.boards) {
        board.workers_may_die = workers_may_die;
    }
}

std::optional<Boards::Seat> Boards::try_open(const JobSpec& spec, const JournalFile* journal,
                                             std::int64_t began_ns) {
    std::uint64_t generation = 0;
    const std::optional<BoardNumber> number = take_free(generation);
    if (!number) {
        return std::nullopt;
    }
    Board& board = table_.boards[*number];
    try {
        storages_[*number]->prepare(board, spec, journal, generation);
    } catch (...) {
        give_back(*number);
        throw;
    }
    std::uint64_t to_run = 0;
    for (const PhaseRun& run : board.runs) {
        to_run += run.to_run();
    }
    board.began_ns.store(began_ns, std::memory_order_relaxed);
    board.to_run.store(to_run, std::memory_order_relaxed);
    // Release: a worker that reads the generation sees the board that was written before.
    table_.open[*number].store(board.generation, std::memory_order_seq_cst);
    table_.open_bits.fetch_or(std::uint64_t{1} << *number, std::memory_order_seq_cst);
    advance_if_over(table_, board);  // for phases without chunks
    return Seat(*this, *number);
}

std::optional<BoardNumber> Boards::find_free() const noexcept {
    for (BoardNumber number = 0; number < table_.boards.size(); ++number) {
        if (!taken_[number] && is_quiet(number)) {
            return number;
        }
    }
    return std::nullopt;
}

std::optional<BoardNumber> Boards::take_free(std::uint64_t& generation) {
    const std::scoped_lock lock(mutex_);
    if (generation_ == last_generation) {
        throw PoolBroken("the pool has run 2^42 jobs, which is all that it can; make a new one");
    }
    const std::optional<BoardNumber> number = find_free();
    if (number) {
        std::unique_ptr<BoardStorage>& storage = storages_[*number];
        if (!storage) {
            storage = std::make_unique<BoardStorage>(source_, table_.lines.size());
        }
        taken_[*number] = true;
        generation = ++generation_;
        if (!storage->has_results() && !spare_results_.empty()) {
            storage->put_results(std::move(spare_results_.back()));
            spare_results_.pop_back();
        }
    }
    return number;
}

// A board is free when it was given back and its last worker has left; both look for who waits,
// after that. Who waits says so first and then looks for a board, so one of the two sees the other
// (all seq_cst).
void Boards::wait_for_free(std::chrono::nanoseconds longest) {
    table_.waiting.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t seen = table_.freed.value();
    if (!has_free()) {
        table_.freed.wait(seen, longest);
    }
    table_.waiting.fetch_sub(1, std::memory_order_seq_cst);
}

bool Boards::has_free() {
    const std::scoped_lock lock(mutex_);
    return find_free().has_value();
}

// The other half of ClaimLoop::join(): closed first, then looked at the lines.
bool Boards::is_quiet(BoardNumber number) const noexcept {
    const std::uint64_t generation = table_.boards[number].generation;
    return generation == 0 ||
           std::none_of(table_.lines.begin(), table_.lines.end(), [&](const ClaimLine& line) {
               return line.joined.load(std::memory_order_seq_cst) == generation;
           });
}

void Boards::give_back(BoardNumber number) noexcept {
    {
        const std::scoped_lock lock(mutex_);
        if (is_quiet(number)) {
            storages_[number]->drop_phase_memory();
        }
        storages_[number]->drop_large_job();
        taken_[number] = false;
    }
    table_.tell_who_waits();
}

void Boards::give_back_results(Block results) {
    const std::scoped_lock lock(mutex_);
    if (spare_results_.size() < most_spare_results) {
        spare_results_.push_back(std::move(results));
    }
}

void Boards::free_block_of(const ResultSlot& slot) const noexcept {
    if (slot.has_block()) {
        free_block(table_.heap, slot.block);
    }
}

void Boards::Seat::close() noexcept {
    if (std::exchange(is_closed_, true)) {
        return;
    }
    boards_->table_.open[number_].store(0, std::memory_order_seq_cst);
    boards_->table_.open_bits.fetch_and(~(std::uint64_t{1} << number_), std::memory_order_seq_cst);
}

Boards::Seat::~Seat() {
    if (boards_ != nullptr) {
        close();
        boards_->give_back(number_);
    }
}

}  // namespace pinfold::detail
