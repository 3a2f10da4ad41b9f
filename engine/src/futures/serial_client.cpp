#include "futures/serial_client.hpp"

#include <cstdlib>
#include <stdexcept>

#include "results/worker_blocks.hpp"

namespace pinfold::detail {

void SerialClient::submit(const TaskSpec& spec, std::shared_ptr<FutureState> state) {
    require_owner();
    check_options(*spec.options);
    check_code(spec.code);
    if (is_shut_) {
        throw std::logic_error("a task was submitted to a pool after its shutdown()");
    }
    describe(*state, *spec.options, submitted_.fetch_add(1, std::memory_order_relaxed) + 1);
    WorkerBlocks blocks(nullptr, 0);
    run_in_caller(spec.call, spec.message, *state, blocks);
}

bool SerialClient::submit_within(const TaskSpec& spec, std::shared_ptr<FutureState> state,
                                 std::chrono::nanoseconds, const std::stop_token& stop) {
    if (stop.stop_requested()) {
        return false;
    }
    submit(spec, std::move(state));
    return true;
}

void SerialClient::shutdown(Shutdown how) {
    require_owner();
    if (how == Shutdown::kill) {
        throw std::invalid_argument(
            "Shutdown::kill needs Crew::processes, but the pool's crew is serial");
    }
    is_shut_ = true;
}

void SerialClient::check_code(const void* function) const {
    if (function == nullptr) {
        throw std::invalid_argument("the task is a null pointer to a function");
    }
}

void SerialClient::free_block(std::byte* block) noexcept {
    std::free(block);
}

std::shared_ptr<FutureHome> make_home_of_no_pool() {
    return std::make_shared<SerialClient>(nullptr);
}

}  // namespace pinfold::detail
