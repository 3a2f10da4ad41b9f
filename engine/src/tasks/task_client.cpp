#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <stdexcept>

namespace pinfold::detail {

TaskClient::~TaskClient() = default;

TaskClient& client_here() {
    throw std::logic_error(
        "submit(f) without a pool was called outside of tasks and maps: say pool.submit(f)");
}

}  // namespace pinfold::detail
