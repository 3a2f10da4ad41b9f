#pragma once

#include <cstdint>
#include <pinfold/engine/detail/kept_jobs.hpp>
#include <vector>

namespace pinfold::detail {

struct Board;
struct BoardTable;

/// What one worker made of the messages of the jobs that it works on.
class WorkerJobs final : public KeptJobs {
  public:
    WorkerJobs() = default;
    ~WorkerJobs();

    /// The job whose messages are asked for from now on.
    void now_on(const Board& board) noexcept { board_ = &board; }

    [[nodiscard]] const void* made_of(const void* message, const Kind& kind) override;

    [[nodiscard]] bool empty() const noexcept { return kept_.empty(); }

    /// Ends what was made for the job on `board`, which has nothing left for this worker. Should it
    /// come back, it makes the same once more.
    void forget(const Board& board) noexcept;

    /// The same for all jobs that are over.
    void forget_closed(const BoardTable& table) noexcept;

  private:
    struct Kept {
        const Board* board;
        std::uint64_t generation;
        const void* message;
        void* made;
        void (*end)(void* made) noexcept;
    };

    template <typename Condition>
    void forget_if(const Condition& condition) noexcept;

    const Board* board_ = nullptr;
    std::vector<Kept> kept_;  // of the jobs that this worker runs in turns; one, as a rule
};

}  // namespace pinfold::detail
