#include "process/fork_lock.hpp"

#include <pthread.h>

#include <atomic>
#include <mutex>
#include <new>
#include <type_traits>

#include "process/host_only.hpp"

namespace pinfold::detail {

namespace {

// Has no destructor: pools that are static may end after whatever else is static.
constinit std::recursive_mutex mutex;
static_assert(std::is_trivially_destructible_v<std::recursive_mutex>);
constinit std::atomic<bool> armed{false};

// The holder's number in the parent is not its number in the child, so the child cannot unlock.
void begin_childhood() {
    new (&mutex) std::recursive_mutex;
    HostOnly::close_all();
}

/// Called as early as can be, and again by whoever comes earlier, such as a static pool.
void arm() {
    if (!armed.exchange(true)) {
        pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, begin_childhood);
    }
}

[[maybe_unused]] const bool armed_at_start = (arm(), true);

}  // namespace

ForkLock::ForkLock() {
    arm();
    mutex.lock();
}

ForkLock::~ForkLock() {
    mutex.unlock();
}

}  // namespace pinfold::detail
