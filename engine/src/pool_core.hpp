#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <pinfold/affinity/place.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/file.hpp>
#include <string>
#include <vector>

#include "board/block_source.hpp"
#include "job/checks.hpp"
#include "job/job_threads.hpp"
#include "keyed/keyed_turn.hpp"
#include "nodes/page_placer.hpp"
#include "nodes/worker_nodes.hpp"
#include "process/code_map.hpp"
#include "process/own_thread.hpp"
#include "shared/space_limits.hpp"
#include "spin.hpp"

namespace pinfold::detail {

class FutureHome;
class JobRun;
class SpaceCore;
class TaskClient;

/// What a Pool is inside.
///
/// A program may hold the engine several times, in shared objects that each link it statically. A
/// pool that is made in one and used in another runs by the copy that made it, which knows its
/// workers and who is inside a map: hence the virtual functions.
class PoolCore {
  public:
    explicit PoolCore(const PoolOptions& given);
    virtual ~PoolCore();
    PoolCore(const PoolCore&) = delete;
    PoolCore& operator=(const PoolCore&) = delete;

    [[nodiscard]] Crew crew() const noexcept { return crew_.crew; }
    [[nodiscard]] const std::vector<affinity::Placement>& placements() const noexcept {
        return placements_;
    }
    [[nodiscard]] const std::shared_ptr<shm::Arena>& arena() const noexcept { return arena_; }

    /// Where shared objects are made; see Space.
    [[nodiscard]] virtual SpaceCore& space() const;

    /// Throws std::logic_error in a child that the user forked.
    void check_owner() const;

    /// Throws std::invalid_argument unless worker processes have this function.
    void check_code(const void* function) const;

    /// See CrewOfWorkers.
    [[nodiscard]] pid_t process_of_workers() const noexcept;

    /// See Pool::file() and Pool::file_array().
    [[nodiscard]] virtual shm::File open_file(const std::string& path) const;
    [[nodiscard]] virtual shm::detail::FileOwner open_array(const std::string& path,
                                                            std::size_t size,
                                                            std::size_t element_bytes) const;

    /// How the arena is to bring an array into memory; see Pool::array().
    [[nodiscard]] virtual shm::BlockPages pages_for(const ArrayOptions& options) const;

    /// See map_reduce(). The options have been checked against the crew.
    virtual JobReport run(const JobSpec& spec, const FoldAll& fold_all);

    /// See keyed_turns_of().
    [[nodiscard]] virtual KeyedTurns* keyed_turns();

    /// Who submits tasks to the pool; see client_of().
    [[nodiscard]] virtual TaskClient& task_client() const;

    /// See start_job().
    virtual void start_job(const std::shared_ptr<FutureState>& state, JobThreads::Job job);

  private:
    struct Workers;

    explicit PoolCore(const CheckedOptions& checked);
    void start_workers(const PoolOptions& options);
    void check_maps(const JobSpec& spec) const;
    JobReport run_job(const JobSpec& spec, const FoldAll& fold_all);
    [[nodiscard]] bool wait_for_end(JobRun& run) const;
    JobReport run_instead_of_workers(const JobSpec& spec, const FoldAll& fold_all,
                                     std::int64_t waited_ns, std::uint64_t consumed) const;
    [[nodiscard]] bool consume(JobRun& run) const;
    void leave_board(JobRun& run, const JobSettings& settings) const;

    const std::int64_t began_ns_;
    const pid_t owner_;
    const ProcessMark owner_mark_;  // of the same, quicker to ask
    const ChosenCrew crew_;
    const std::vector<affinity::Placement> placements_;
    const WorkerNodes nodes_;
    const std::unique_ptr<PagePlacer> placer_;
    const SpaceLimits limits_;
    std::optional<CodeMap> code_;            // what was loaded before worker processes were forked
    std::unique_ptr<OwnThread> birthplace_;  // of worker processes, until they are there
    const std::shared_ptr<shm::Arena> arena_;
    ArenaBlocks arena_blocks_;
    const std::shared_ptr<SpaceCore> space_;
    KeyedTurns keyed_turns_{most_keyed_jobs};
    JobThreads job_threads_;
    std::unique_ptr<Workers> workers_;  // none for the serial crew
    std::shared_ptr<FutureHome> tasks_;
    Spinners spinners_ = Spinners::nobody;
    double seconds_ = 0;  // that making the pool took
};

}  // namespace pinfold::detail
