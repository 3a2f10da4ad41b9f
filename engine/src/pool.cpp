#include <pinfold/engine/detail/tasks/job_thread.hpp>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <stdexcept>

#include "job/checks.hpp"
#include "job/rehearsal.hpp"
#include "keyed/keyed_turn.hpp"
#include "pool_core.hpp"
#include "tree/worker_process.hpp"

namespace pinfold {

Pool::Pool(PoolOptions options) : core_(std::make_unique<detail::PoolCore>(options)) {}

Pool::~Pool() = default;
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;

Pool::Pool(std::unique_ptr<detail::PoolCore> core) noexcept : core_(std::move(core)) {}

detail::PoolCore& Pool::core() const {
    if (!core_) {
        throw std::logic_error(
            detail::inside_worker_process()
                ? "a Pool was used in a worker that does not have it, since workers are there "
                  "before "
                  "it is made: submit(f) without a pool means that whose task or map calls it"
                : "a Pool was used after it was moved from: its workers are those of the Pool that "
                  "it was moved to");
    }
    return *core_;
}

Crew Pool::crew() const noexcept {
    return core_ ? core_->crew() : Crew::serial;
}

int Pool::workers() const noexcept {
    return core_ ? static_cast<int>(core_->placements().size()) : 0;
}

void Pool::shutdown(Shutdown how) {
    detail::client_of(*this).shutdown(how);
}

int Pool::completion_fd() {
    return detail::client_of(*this).completion_fd();
}

shm::BlockPages Pool::pages_for(const ArrayOptions& options) const {
    return core().pages_for(options);
}

std::shared_ptr<shm::Arena> Pool::arena() const {
    core().check_owner();
    return core().arena();
}

shm::File Pool::file(const std::string& path) {
    return core().open_file(path);
}

shm::detail::FileOwner Pool::open_array(const std::string& path, std::size_t size,
                                        std::size_t element_bytes) {
    return core().open_array(path, size, element_bytes);
}

namespace detail {

/// The engine's way into a Pool.
struct CoreOf {
    [[nodiscard]] static PoolCore& pool(const Pool& pool) { return pool.core(); }

    /// Calls `use` with a Pool that stands for one that may be moved meanwhile.
    template <typename Use>
    static void with_pool_of(PoolCore& core, const Use& use) {
        struct Borrowed {
            Pool pool;
            ~Borrowed() { static_cast<void>(pool.core_.release()); }
        } borrowed{Pool(std::unique_ptr<PoolCore>(&core))};
        use(borrowed.pool);
    }
};

bool lies_in_arena(const Pool& pool, const void* data, std::size_t bytes) {
    return CoreOf::pool(pool).arena()->contains(data, bytes);
}

void check_words(const Pool& pool, const char* what, std::span<const std::uintptr_t> words,
                 bool is_exact) {
    const PoolCore& core = CoreOf::pool(pool);
    check_words(*core.arena(), core.process_of_workers(), what, words, is_exact);
}

void check_function_pointer(const Pool& pool, const void* function) {
    CoreOf::pool(pool).check_code(function);
}

KeyedTurns* keyed_turns_of(const Pool& pool) {
    return CoreOf::pool(pool).keyed_turns();
}

TaskClient& client_of(const Pool& pool) {
    return CoreOf::pool(pool).task_client();
}

void start_job(const Pool& pool, const std::shared_ptr<AnyValueState>& state,
               std::function<void(Pool&, const std::stop_token&)> job) {
    PoolCore& core = CoreOf::pool(pool);
    core.start_job(state, [&core, job = std::move(job)](const std::stop_token& stop) {
        CoreOf::with_pool_of(core, [&](Pool& own) { job(own, stop); });
    });
}

JobReport run_job(Pool& pool, const JobSpec& spec, const FoldAll& fold_all) {
    PoolCore& core = CoreOf::pool(pool);
    check_look_ahead(spec);
    if (!spec.settings->rehearse) {
        return core.run(spec, fold_all);
    }
    const auto run = [&core](const JobSpec& one, const FoldAll& all) { return core.run(one, all); };
    return rehearse(run, *core.arena(), spec, fold_all);
}

}  // namespace detail

Space::Space(const Pool& pool) : core_(&detail::CoreOf::pool(pool).space()) {}

}  // namespace pinfold
