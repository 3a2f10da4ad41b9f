#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <stdexcept>

#include "futures/worker_client.hpp"

namespace pinfold::detail {

TaskClient::~TaskClient() = default;

TaskClient& client_here() {
    if (WorkerClient* const client = worker_client_here()) {
        return *client;
    }
    TaskClient* const client = FutureHome::running_here();
    if (client == nullptr) {
        throw std::logic_error(
            "submit(f) without a pool was called outside of tasks and maps: say pool.submit(f)");
    }
    return *client;
}

}  // namespace pinfold::detail
