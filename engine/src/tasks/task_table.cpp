#include "tasks/task_table.hpp"

#include <algorithm>

#include "tree/crew.hpp"

namespace pinfold::detail {

void TaskTable::call_one() const {
    if (crew != nullptr) {
        crew->call_one();
    } else {
        work->ring_for(1);
    }
}

// The owner puts in and then looks at the bit; a taker clears the bit and then looks whether
// something was put in (all seq_cst). One of the two sees the other.
void note_open(TaskTable& table, std::uint32_t lane) noexcept {
    if (lane == host_lane) {
        return;  // everybody looks there each time
    }
    std::atomic<std::uint64_t>& word = table.open_bits[(lane - 1) / 64];
    const std::uint64_t bit = std::uint64_t{1} << (lane - 1) % 64;
    if ((word.load(std::memory_order_seq_cst) & bit) == 0) {
        word.fetch_or(bit, std::memory_order_seq_cst);
    }
}

void raise_rescan(TaskTable& table, std::uint32_t lane) noexcept {
    table.lanes[lane].rescan.fetch_add(1, std::memory_order_seq_cst);
    note_open(table, lane);
}

bool is_any_open(const TaskTable& table) noexcept {
    return table.lanes[host_lane].is_open() ||
           std::ranges::any_of(table.open_bits, [](const std::atomic<std::uint64_t>& word) {
               return word.load(std::memory_order_seq_cst) != 0;
           });
}

}  // namespace pinfold::detail
