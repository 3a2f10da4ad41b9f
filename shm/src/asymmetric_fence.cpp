#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pinfold/shm/asymmetric_fence.hpp>

namespace pinfold::shm {
namespace {

bool membarrier(int command) noexcept {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}

}  // namespace

bool receive_heavy_fences() noexcept {
    return membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

bool heavy_fence() noexcept {
    return membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

}  // namespace pinfold::shm
