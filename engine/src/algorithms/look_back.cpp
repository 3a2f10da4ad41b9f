#include <sched.h>

#include <pinfold/engine/detail/algorithms/look_back.hpp>

namespace pinfold::detail {

namespace {

// Some 0.1 ms, which is what a chunk of default size takes to be reduced once more: so a wait in
// vain at most doubles what its end costs. A worker that shares our CPU runs meanwhile.
constexpr int yields = 300;

}  // namespace

bool await_known(Known& known, Known wanted) noexcept {
    for (int i = 0; i < yields; ++i) {
        if (std::atomic_ref(known).load(std::memory_order_acquire) >= wanted) {
            return true;
        }
        sched_yield();
    }
    return false;
}

}  // namespace pinfold::detail
