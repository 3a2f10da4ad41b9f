#include "board/boards.hpp"

#include <algorithm>
#include <pinfold/engine/errors.hpp>

namespace pinfold::detail {

namespace {

// How often a thread that waits for a board looks whether the pool still lives, and whether a
// worker has left a board that was given back while it was on it.
constexpr std::chrono::milliseconds look_interval{10};

}  // namespace

Boards::Boards(Control& control, BlockSource& source, bool retry_bad_alloc)
    : control_(control), taken_(control.boards.size(), false) {
    storages_.reserve(control.boards.size());
    for (Board& board : control.boards) {
        board.retry_bad_alloc = retry_bad_alloc;
        storages_.emplace_back(source, control.lines.size());
    }
}

Boards::Seat Boards::open(const JobSpec& spec, const JournalFile* journal,
                          const std::function<void()>& check) {
    const std::uint32_t slot = take_free(check);
    Board& board = control_.boards[slot];
    try {
        storages_[slot].prepare(board, spec, journal, next_generation());
    } catch (...) {
        give_back(slot);
        throw;
    }
    // Release: a worker that reads the generation sees the board that was written before.
    control_.open[slot].store(board.generation, std::memory_order_seq_cst);
    return Seat(*this, slot);
}

std::uint64_t Boards::next_generation() {
    const std::scoped_lock lock(mutex_);
    if (generation_ == last_generation) {
        throw PoolBroken("the pool has run 2^42 jobs, which is all that it can; make a new one");
    }
    return ++generation_;
}

std::uint32_t Boards::take_free(const std::function<void()>& check) {
    std::unique_lock lock(mutex_);
    std::uint32_t slot = find_free();
    while (slot == none) {
        check();
        given_back_.wait_for(lock, look_interval);
        slot = find_free();
    }
    taken_[slot] = true;
    return slot;
}

std::uint32_t Boards::find_free() const noexcept {
    for (std::uint32_t slot = 0; slot < control_.boards.size(); ++slot) {
        if (!taken_[slot] && is_quiet(slot)) {
            return slot;
        }
    }
    return none;
}

// The other half of ClaimLoop::join(): closed first, then looked at the lines.
bool Boards::is_quiet(std::uint32_t slot) const noexcept {
    const std::uint64_t generation = control_.boards[slot].generation;
    return generation == 0 ||
           std::none_of(control_.lines.begin(), control_.lines.end(), [&](auto& line) {
               return line.joined.load(std::memory_order_seq_cst) == generation;
           });
}

void Boards::give_back(std::uint32_t slot) noexcept {
    {
        const std::scoped_lock lock(mutex_);
        if (is_quiet(slot)) {
            storages_[slot].drop_left();
        }
        taken_[slot] = false;
    }
    given_back_.notify_one();
}

void Boards::Seat::close() noexcept {
    boards_.control_.open[slot_].store(0, std::memory_order_seq_cst);
}

Boards::Seat::~Seat() {
    close();
    boards_.give_back(slot_);
}

}  // namespace pinfold::detail
