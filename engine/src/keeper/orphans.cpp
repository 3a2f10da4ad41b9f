#include "keeper/orphans.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "process/fork.hpp"

namespace pinfold::detail {

namespace {

using Orphans = std::vector<std::shared_ptr<ProcessState>>;

// How often it looks where the program has closed a descriptor that it would wait for.
constexpr int look_at_closed_ms = 100;

bool is_reaped(ProcessState& orphan) {
    if (!orphan.has_ended()) {
        return false;
    }
    orphan.end({.exit_code = orphan.reap().value_or(child_failed)});
    return true;
}

void reap_all(Orphans orphans) {
    prctl(PR_SET_NAME, "pinfold:orphans");
    std::vector<pollfd> news;
    while (std::erase_if(orphans, [](const auto& each) { return is_reaped(*each); }),
           !orphans.empty()) {
        news.clear();
        for (const auto& each : orphans) {
            news.push_back({each->number(), POLLIN, 0});
        }
        const bool has_closed = std::ranges::any_of(news, [](const pollfd& p) { return p.fd < 0; });
        poll(news.data(), news.size(), has_closed ? look_at_closed_ms : -1);
    }
}

}  // namespace

void reap_later(Orphans orphans) noexcept {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // no signal of the program's is for that thread
    try {
        std::thread(reap_all, std::move(orphans)).detach();
    } catch (const std::exception&) {
        // No thread: see the declaration.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace pinfold::detail
