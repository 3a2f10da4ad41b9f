#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>

#include "pool_core.hpp"

namespace pinfold {

Pool::Pool(PoolOptions options) : core_(std::make_unique<detail::PoolCore>(options)) {}

Pool::~Pool() = default;
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;

Crew Pool::crew() const noexcept {
    return core_->crew();
}

int Pool::workers() const noexcept {
    return static_cast<int>(core_->placements().size());
}

std::shared_ptr<shm::Arena> Pool::arena() const {
    core_->check_owner();
    return core_->arena();
}

namespace detail {

/// The engine's way into a Pool.
struct CoreOf {
    const Pool& pool;
    [[nodiscard]] PoolCore* operator->() const noexcept { return pool.core_.get(); }
};

JobReport run_job(Pool& pool, const JobSpec& spec, const FoldAll& fold_all) {
    return CoreOf {
        pool
        } -> run(spec, fold_all);
}

}  // namespace detail
}  // namespace pinfold
