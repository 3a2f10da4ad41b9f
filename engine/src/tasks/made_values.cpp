#include <exception>
#include <pinfold/engine/detail/tasks/value_state.hpp>

namespace pinfold::detail {

void read_or_fail(const FutureState& state, CallOf read) {
    try {
        read();
    } catch (...) {
        state.throw_unreadable_result();
    }
}

void make_or_fail(FutureState& state, CallOf make) noexcept {
    try {
        make();
    } catch (...) {
        state.fail(std::current_exception());
    }
}

}  // namespace pinfold::detail
