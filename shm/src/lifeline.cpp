#include <pinfold/shm/lifeline.hpp>

#include <cerrno>
#include <system_error>

namespace pinfold::shm {

namespace {

void require(int error) {
    if (error != 0) {
        throw std::system_error(error, std::generic_category(),
                                "a mutex that outlives its holder (robust, between processes)");
    }
}

}  // namespace

Lifeline::Lifeline() {
    pthread_mutexattr_t kind;
    require(pthread_mutexattr_init(&kind));
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    const int error = pthread_mutex_init(&held_, &kind);
    pthread_mutexattr_destroy(&kind);
    require(error);
}

// The mutex may still be held, by a thread that ends soon or was killed, so it is not destroyed.
Lifeline::~Lifeline() = default;

void Lifeline::hold() noexcept {
    pthread_mutex_lock(&held_);
}

// Whoever gets the mutex from the dead notes it before the mutex is given back. Should that thread
// die too, the kernel marks the mutex once more.
bool Lifeline::is_cut() noexcept {
    if (is_cut_.load(std::memory_order_acquire)) {
        return true;
    }
    const int error = pthread_mutex_trylock(&held_);
    if (error == EOWNERDEAD) {
        is_cut_.store(true, std::memory_order_release);
        pthread_mutex_consistent(&held_);
    }
    if (error == 0 || error == EOWNERDEAD) {
        pthread_mutex_unlock(&held_);
    }
    return is_cut_.load(std::memory_order_acquire);
}

}  // namespace pinfold::shm
