#include <pinfold/engine/shared/shared.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <stdexcept>

#include "shared/space_core.hpp"

namespace pinfold {

namespace {

std::shared_ptr<detail::SpaceCore> make_core(const SharedOptions& options) {
    const auto limits = detail::checked_limits(0, options.processes, options.seats);
    return std::make_shared<detail::SpaceCore>(
        std::make_shared<shm::Arena>(detail::space_arena(options.bytes, limits)), limits);
}

}  // namespace

Shared::Shared(SharedOptions options) : core_(make_core(options)) {}

detail::SpaceCore& Shared::core() const {
    if (!core_) {
        throw std::logic_error("a Shared was used after it was moved from");
    }
    return *core_;
}

const std::shared_ptr<shm::Arena>& Shared::arena() const {
    return core().arena();
}

Space::Space(const Shared& shared) : core_(&shared.core()) {
    core_->check_owner();
}

}  // namespace pinfold
