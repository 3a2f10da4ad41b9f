#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/shm/party.hpp>
#include <vector>

#include "tree/work.hpp"
#include "tree/workforce.hpp"

namespace pinfold::detail {

/// Finds the workers that do not come though they were called: one that was stopped while it was
/// idle, that waits for a full pipe to take what it printed, or that does not get through its
/// start-up. A user's code may take its time; neither a map nor an initializer is looked at here.
///
/// The host asks for a look every now and then while it waits for something. Time counts from look
/// to look, so what passes while the whole tree is stopped does not.
class Attendance {
  public:
    explicit Attendance(const Workforce& workforce, Works works);

    /// How long a worker may take to come.
    static constexpr std::chrono::seconds patience{5};
    /// How often to look.
    static constexpr std::chrono::seconds interval{1};

    /// Looks at `worker` at `now_ns`. Returns whether it was called too long ago.
    [[nodiscard]] bool is_missing(WorkerNumber worker, std::int64_t now_ns) noexcept;

  private:
    /// What a worker last showed of itself.
    struct Seen {
        shm::PartyId worker;
        std::uint32_t heard = 0;
        std::uint64_t starts = 0;  // pieces of work, which one that has much to do takes unheard
        std::int64_t looked_at_ns = 0;
        std::int64_t missing_ns = 0;
    };

    [[nodiscard]] bool is_called(WorkerNumber worker) const noexcept;

    const Workforce& workforce_;
    const Works works_;
    std::vector<Seen> seen_;  // by worker number
};

}  // namespace pinfold::detail
