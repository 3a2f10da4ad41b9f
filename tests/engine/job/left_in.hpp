#pragma once

#include <cstddef>
#include <memory>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>

namespace pinfold::testing {

/// Arrays, and bytes of results, that are still there. What boards keep for the next job is not
/// counted: how many of them there are depends on when workers leave.
inline std::size_t left_in(const Pool& pool) {
    const std::shared_ptr<shm::Arena> arena = pool.arena();
    std::size_t left = arena->heap() == nullptr ? 0 : arena->heap()->used_bytes();
    arena->for_each_array([&](const shm::ArrayBytes&) { ++left; });
    return left;
}

}  // namespace pinfold::testing
