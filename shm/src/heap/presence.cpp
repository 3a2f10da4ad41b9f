#include "heap/presence.hpp"

#include <algorithm>
#include <system_error>

#include "mapping.hpp"

namespace pinfold::shm::detail {
namespace {

// What a party asks for at least, 16 slabs: a look then costs a tenth of what it allows. As much
// for each party may be refused to others, who ask for no more than they need when that fails.
constexpr std::size_t least_asked_bytes = std::size_t{1} << 20;

// How long an answer holds. A large block's slices take as long.
constexpr std::chrono::milliseconds answer_time{50};

constexpr std::size_t spared_bytes = std::size_t{4} << 20;

}  // namespace

std::size_t needed_budget(std::size_t bytes) noexcept {
    return bytes + bytes / 200 + spared_bytes;
}

void populate(const HeapMemory& memory, std::span<std::byte> part) {
    try {
        memory.mapping->populate(part);
    } catch (const std::system_error&) {
        throw Shortage{0, "the system"};
    }
}

void Presence::bring_in(PartyNumber party, std::span<std::byte> part, std::size_t missing) {
    const std::byte* const asked_from = memory_.units.data() + unasked_bytes;
    Allowance& allowance = own_[party].allowance;
    try {
        while (!part.empty()) {
            const auto slice = part.first(std::min(part.size(), slice_bytes));
            if (slice.data() + slice.size() > asked_from) {
                ask_for(party, missing);
            }
            populate(memory_, slice);
            const std::size_t brought = std::min(missing, slice.size());
            missing -= brought;
            set(party, allowance.bytes - std::min(allowance.bytes, brought));
            part = part.subspan(slice.size());
        }
    } catch (...) {
        set(party, 0);
        throw;
    }
}

/// Has the party allowed to bring in `bytes`.
void Presence::ask_for(PartyNumber party, std::size_t bytes) {
    Allowance& allowance = own_[party].allowance;
    if (bytes <= allowance.bytes && std::chrono::steady_clock::now() < allowance.end) {
        return;
    }
    const std::size_t more = std::max(bytes, least_asked_bytes);
    set(party, more);
    const MemoryBudget budget = budget_();
    if (budget.bytes < needed_budget(awaited())) {
        set(party, bytes);
        if (budget.bytes < needed_budget(awaited())) {
            throw Shortage{budget.bytes, budget.limit};
        }
    }
    allowance.end = std::chrono::steady_clock::now() + answer_time;
}

void Presence::set(PartyNumber party, std::size_t bytes) noexcept {
    own_[party].allowance.bytes = bytes;
    memory_.lines[party].awaited.store(bytes, std::memory_order_seq_cst);
}

std::size_t Presence::awaited() const noexcept {
    std::size_t sum = memory_.root->arena_awaited.load(std::memory_order_seq_cst);
    for (const HeapLine& line : memory_.lines) {
        // Sequentially consistent: of two that set theirs and then look, one sees the other's.
        sum += line.awaited.load(std::memory_order_seq_cst);
    }
    return sum;
}

// Nothing is written where the dead awaited nothing: most parties never brought anything in.
void Presence::forget(PartyNumber party) noexcept {
    if (memory_.lines[party].awaited.load(std::memory_order_relaxed) != 0) {
        set(party, 0);
    }
}

}  // namespace pinfold::shm::detail
