#include "process/own_thread.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <climits>

namespace pinfold::detail {

namespace {

constexpr std::size_t bytes_if_unlimited = std::size_t{8} << 20;
constexpr std::size_t fewest_bytes = std::size_t{64} << 10;

std::size_t bytes_by_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return bytes_if_unlimited;
    }
    return std::max<std::size_t>({limit.rlim_cur, fewest_bytes, PTHREAD_STACK_MIN});
}

}  // namespace

ThreadStack::ThreadStack() noexcept : bytes_(bytes_by_limit()) {}

int ThreadStack::start(void* (*run)(void*), void* argument) const noexcept {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, bytes_);
    pthread_t thread{};
    const int error = pthread_create(&thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

}  // namespace pinfold::detail
