#include <algorithm>
#include <pinfold/shm/parties/pipe_ends.hpp>

#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::PartyStep;
using detail::reached;

bool PipeEnds::is_gone(PipeSide side) const noexcept {
    if (is_closed(side)) {
        return true;
    }
    const Users& users = users_[static_cast<std::size_t>(side)];
    return users.were_there.load(std::memory_order_seq_cst) &&
           std::ranges::all_of(users.are_there, [](const std::atomic<std::uint64_t>& word) {
               return word.load(std::memory_order_seq_cst) == 0;
           });
}

void PipeEnds::join(PipeSide side, ProcessNumber process) noexcept {
    Users& users = of(side);
    std::atomic<std::uint64_t>& word = users.are_there[process / bits];
    const std::uint64_t mine = std::uint64_t{1} << process % bits;
    if ((word.load(std::memory_order_relaxed) & mine) == 0) {
        word.fetch_or(mine, std::memory_order_seq_cst);
        reached(PartyStep::joined);
        users.were_there.store(true, std::memory_order_seq_cst);
    }
}

// That somebody was there is said by its burial, or when it comes: so strike() leaves nothing.
void PipeEnds::enrol(PipeSide side, ProcessNumber process) noexcept {
    of(side).are_there[process / bits].fetch_or(std::uint64_t{1} << process % bits,
                                                std::memory_order_seq_cst);
}

void PipeEnds::strike(PipeSide side, ProcessNumber process) noexcept {
    of(side).are_there[process / bits].fetch_and(~(std::uint64_t{1} << process % bits),
                                                 std::memory_order_seq_cst);
}

void PipeEnds::close(PipeSide side) noexcept {
    state_.fetch_or(bit_of(side), std::memory_order_seq_cst);
}

bool PipeEnds::leave(PipeSide side, ProcessNumber process) noexcept {
    Users& users = of(side);
    std::atomic<std::uint64_t>& word = users.are_there[process / bits];
    const std::uint64_t its = std::uint64_t{1} << process % bits;
    if ((word.load(std::memory_order_seq_cst) & its) == 0) {
        return false;
    }
    users.were_there.store(true, std::memory_order_seq_cst);  // if it died before it said so
    word.fetch_and(~its, std::memory_order_seq_cst);
    reached(PartyStep::buried_user);
    return true;
}

}  // namespace pinfold::shm
