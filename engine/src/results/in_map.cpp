#include "results/in_map.hpp"

namespace pinfold::detail {

namespace {

thread_local WorkerHere in_map;

}  // namespace

InMap::InMap(const WorkerHere& worker) noexcept : is_outermost_(in_map.party == nullptr) {
    if (is_outermost_) {
        in_map = worker;
    }
}

InMap::~InMap() {
    if (is_outermost_) {
        in_map = WorkerHere();
    }
}

bool inside_map() noexcept {
    return in_map.party != nullptr;
}

WorkerHere worker_in_map() noexcept {
    return in_map;
}

}  // namespace pinfold::detail
