#include "job/job_threads.hpp"

#include <pthread.h>
#include <signal.h>

#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <utility>

namespace pinfold::detail {

namespace {

/// A thread that none of the program's signal handlers runs on.
std::thread start_thread(std::function<void()> body) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } const restore{before};
    return std::thread(std::move(body));
}

}  // namespace

void JobThreads::join_those_over() {
    for (auto one = running_->begin(); one != running_->end();) {
        if (one->is_over.load(std::memory_order_acquire)) {
            one->thread.join();
            one = running_->erase(one);
        } else {
            ++one;
        }
    }
}

void JobThreads::start(std::shared_ptr<FutureState> state, Job job) {
    const std::lock_guard lock(mutex_);
    join_those_over();
    Running& one = running_->emplace_back();
    one.state = std::move(state);
    try {
        one.state->on_done([stop = one.stop]() mutable { stop.request_stop(); });
        one.thread = start_thread([&one, job = std::move(job)] {
            pthread_setname_np(pthread_self(), "pinfold:job");
            job(one.stop.get_token());
            one.is_over.store(true, std::memory_order_release);
        });
    } catch (...) {
        running_->pop_back();
        throw;
    }
}

void JobThreads::end() noexcept {
    if (!running_) {
        return;
    }
    for (Running& one : *running_) {
        one.state->cancel();
        one.stop.request_stop();
    }
    for (Running& one : *running_) {
        one.thread.join();
    }
    running_->clear();
}

// The objects of threads that are not there would end the program.
void JobThreads::leave_to_parent() noexcept {
    static_cast<void>(running_.release());
}

}  // namespace pinfold::detail
