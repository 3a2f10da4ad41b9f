#include "job/serial_job.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <pinfold/shm/party.hpp>

#include "board/boards.hpp"
#include "board/claim_loop.hpp"
#include "job/job_run.hpp"

namespace pinfold::detail {

namespace {

/// Blocks for one thread: from a slab as far as that goes, and then from the heap. A short job
/// takes eight, which would cost it as much as all the rest.
class SlabBlocks final : public BlockSource {
  public:
    [[nodiscard]] void* take(std::size_t bytes, std::size_t alignment) override {
        bytes = std::max<std::size_t>(bytes, 1);  // a block of none lies in the slab too
        void* const block = std::align(alignment, bytes, free_, left_);
        if (block == nullptr) {
            return heap_.take(bytes, alignment);
        }
        free_ = static_cast<std::byte*>(block) + bytes;
        left_ -= bytes;
        return std::memset(block, 0, bytes);
    }
    [[nodiscard]] void* take_unset(std::size_t bytes, std::size_t alignment) override {
        return heap_.take_unset(bytes, alignment);
    }
    void give_back(void* block) noexcept override {
        const auto at = reinterpret_cast<std::uintptr_t>(block);
        const auto slab = reinterpret_cast<std::uintptr_t>(slab_.data());
        if (at < slab || at >= slab + slab_.size()) {
            heap_.give_back(block);
        }
    }

  private:
    alignas(cache_line) std::array<std::byte, 4096> slab_;
    void* free_ = slab_.data();
    std::size_t left_ = slab_.size();
    HeapBlocks heap_;
};

/// A board with one worker, which is the caller.
struct Alone {
    Alone() {
        caller.pid.store(getpid(), std::memory_order_relaxed);
        table.boards = {&board, 1};
        table.lines = {&line, 1};
        table.workers = {&caller, 1};
        table.work = &nobody_sleeps;
        table.may_lease = true;  // nobody asks for one
    }

    shm::Party caller;
    shm::Doorbell nobody_sleeps;
    ClaimLine line;
    Board board;
    BoardTable table;
    SlabBlocks blocks;
};

}  // namespace

JobReport run_serially(const JobSpec& spec, const FoldAll& fold_all) {
    Alone alone;  // not on the heap, whose aligned blocks cost a tenth of a short job
    Boards boards(alone.table, alone.blocks, false);

    JobRun run(boards, spec);
    run.try_open();
    ClaimLoop worker(alone.table, 0);
    const auto has_ended = [&] {
        while (run.consume() && !run.look()) {
        }
        return run.look();
    };
    while (!has_ended()) {
        worker.work_on(0, [&] { return ClaimLoop::Asked{.stays = !has_ended()}; });
    }
    run.close();
    return run.settle(fold_all);
}

}  // namespace pinfold::detail
