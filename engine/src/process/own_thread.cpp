#include "process/own_thread.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <pinfold/shm/doorbell.hpp>
#include <string>
#include <utility>

#include "process/why_refused.hpp"
#include "spin.hpp"

namespace pinfold::detail {

namespace {

constexpr std::size_t bytes_if_unlimited = std::size_t{8} << 20;
constexpr std::size_t fewest_bytes = std::size_t{64} << 10;

std::size_t bytes_by_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return bytes_if_unlimited;
    }
    return std::max<std::size_t>(
        {limit.rlim_cur, fewest_bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN)});
}

// The thread looks out for its work for so long before it sleeps: a pool's memory takes half of it.
constexpr std::chrono::microseconds looks_out_for{200};

}  // namespace

struct OwnThread::Thread {
    /// Returns 0 or an errno. All signals are held off.
    int start(std::size_t stack_bytes) noexcept {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, stack_bytes);
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        const int error = pthread_create(&id, &attributes, &Thread::main, this);
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        pthread_attr_destroy(&attributes);
        return error;
    }

    /// Lets it do `work`, or nothing, and waits for its end.
    void end_with(const std::function<void()>* work) noexcept {
        body = work;
        begin.ring();
        pthread_join(id, nullptr);
    }

    static void* main(void* thread) {
        auto& its = *static_cast<Thread*>(thread);
        try {
            its.first();
            yield_until([&] { return its.begin.value() != its.unrung; }, looks_out_for);
            its.begin.wait(its.unrung, std::chrono::nanoseconds(-1));
            if (its.body != nullptr) {
                (*its.body)();
            }
        } catch (...) {
            its.thrown = std::current_exception();
        }
        return nullptr;
    }

    std::function<void()> first;
    pthread_t id{};
    shm::Doorbell begin;
    const std::uint32_t unrung = begin.value();
    const std::function<void()>* body = nullptr;  // written before the ring
    std::exception_ptr thrown;
};

OwnThread::OwnThread(std::function<void()> first) : thread_(std::make_unique<Thread>()) {
    thread_->first = std::move(first);
    const std::size_t stack_bytes = bytes_by_limit();
    if (const int error = thread_->start(stack_bytes); error != 0) {
        throw refusal(error, "cannot start a thread with a stack of " +
                                 std::to_string(stack_bytes) + " bytes");
    }
}

OwnThread::~OwnThread() {
    if (thread_) {
        thread_->end_with(nullptr);
    }
}

void OwnThread::run(const std::function<void()>& body) {
    const std::unique_ptr<Thread> thread = std::move(thread_);
    thread->end_with(&body);
    if (thread->thrown) {
        std::rethrow_exception(thread->thrown);
    }
}

}  // namespace pinfold::detail
