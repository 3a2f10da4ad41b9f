#include "tasks/task_memory.hpp"

#include <sys/mman.h>

#include <bit>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

namespace pinfold::detail {

namespace {

/// Places for objects one after the other, in memory of zeros. Without memory it only counts.
class Places {
  public:
    explicit Places(std::byte* at) noexcept : at_(at) {}

    /// Objects of which all zeros are a new one: their memory stays untouched.
    template <typename T>
    std::span<T> zeros(std::size_t count) noexcept {
        used_ = (used_ + cache_line - 1) / cache_line * cache_line;
        auto* const first = at_ != nullptr ? reinterpret_cast<T*>(at_ + used_) : nullptr;
        used_ += count * sizeof(T);
        return {first, at_ != nullptr ? count : 0};
    }

    template <typename T>
    std::span<T> make(std::size_t count) noexcept {
        const std::span<T> made = zeros<T>(count);
        std::uninitialized_default_construct_n(made.data(), made.size());
        return made;
    }

    [[nodiscard]] std::size_t used() const noexcept { return used_; }

  private:
    std::byte* const at_;
    std::size_t used_ = 0;
};

void lay_out(Places& places, TaskLane& lane, std::uint32_t slots) noexcept {
    lane.queue = places.zeros<std::atomic<std::uint64_t>>(std::bit_ceil(2 * slots));
    lane.slots = places.zeros<TaskSlot>(slots);
    lane.failures = places.zeros<TaskFailure>(slots);
    lane.ended_bits = places.zeros<std::atomic<std::uint64_t>>((slots + 63) / 64);
    lane.scan.store(slots, std::memory_order_relaxed);
}

TaskTable* lay_out(Places& places, std::size_t workers, std::uint32_t host_slots) noexcept {
    TaskTable* const table = places.make<TaskTable>(1).data();
    const auto bits = places.make<std::atomic<std::uint64_t>>((workers + 63) / 64);
    const auto lines = places.make<TaskLine>(workers);
    const auto lanes = places.make<TaskLane>(workers + 1);
    TaskLane counted;
    for (std::size_t lane = 0; lane <= workers; ++lane) {
        lay_out(places, table != nullptr ? lanes[lane] : counted,
                lane == host_lane ? host_slots : slots_a_worker);
    }
    if (table != nullptr) {
        table->open_bits = bits;
        table->lines = lines;
        table->lanes = lanes;
    }
    return table;
}

}  // namespace

TaskMemory::TaskMemory(Workforce& workforce, std::uint32_t host_slots, shm::Heap* heap,
                       bool workers_may_die) {
    const std::size_t workers = workforce.workers.size();
    Places count(nullptr);
    static_cast<void>(lay_out(count, workers, host_slots));
    bytes_ = count.used();
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory_ == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(),
                                "the tasks of a pool need " + std::to_string(bytes_) +
                                    " bytes of address space (task_slots is " +
                                    std::to_string(host_slots) + ")");
    }
    madvise(memory_, bytes_, MADV_DONTDUMP);  // as an arena
    Places places(static_cast<std::byte*>(memory_));
    table_ = lay_out(places, workers, host_slots);
    table_->workers = workforce.workers;
    table_->work = &workforce.work;
    table_->closing = &workforce.closing;
    table_->heap = heap;
    table_->workers_may_die = workers_may_die;
}

TaskMemory::~TaskMemory() {
    munmap(memory_, bytes_);
}

}  // namespace pinfold::detail
