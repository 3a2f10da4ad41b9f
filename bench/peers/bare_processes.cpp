// The floor under every crew of processes:
//
//     caller    round + 1 ──► claim, map, claim, map ... ──► wait until all are done ──► add up
//     child     wait for it ──► claim, map, claim, map ... ──► done + 1
//
// No chunk states, no pids, no deadlines, no supervisor.

#include <immintrin.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <numeric>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "harness/runners.hpp"

namespace bench {
namespace {

constexpr std::uint64_t batch = 16;
constexpr std::uint64_t most_chunks = 1 << 16;

/// What the processes share; each word that is fought over has a cache line of its own.
struct Shared {
    alignas(64) std::atomic<std::uint32_t> round = 0;
    Work work;
    bool over = false;
    alignas(64) std::atomic<std::uint64_t> cursor = 0;
    alignas(64) std::atomic<std::uint32_t> done = 0;
    alignas(64) pinfold::shm::Doorbell round_bell;
    alignas(64) pinfold::shm::Doorbell done_bell;
    alignas(64) Partial results[most_chunks];
};

template <typename Map>
void claim_and_map(Shared& shared, std::uint64_t chunks, Map map) {
    for (;;) {
        const std::uint64_t begin = shared.cursor.fetch_add(batch, std::memory_order_relaxed);
        if (begin >= chunks) {
            return;
        }
        const std::uint64_t end = std::min(begin + batch, chunks);
        for (std::uint64_t i = begin; i < end; ++i) {
            shared.results[i] = map(i);
        }
    }
}

void work_on(Shared& shared) {
    const Work work = shared.work;
    with_map(work, [&](auto map) { claim_and_map(shared, work.chunks, map); });
}

/// Waits until `word` is `wanted`.
void wait_for(const std::atomic<std::uint32_t>& word, std::uint32_t wanted,
              pinfold::shm::Doorbell& bell, Handshake handshake) {
    for (;;) {
        const std::uint32_t seen = bell.value();
        if (word.load(std::memory_order_acquire) == wanted) {
            return;
        }
        if (handshake == Handshake::spin) {
            _mm_pause();
        } else {
            bell.wait(seen, std::chrono::nanoseconds{-1});
        }
    }
}

class BareProcesses final : public Runner {
  public:
    BareProcesses(Handshake handshake, int processes)
        : handshake_(handshake),
          shared_(*new (arena_.allocate(sizeof(Shared))) Shared),
          helpers_(static_cast<std::uint32_t>(processes - 1)) {
        for (std::uint32_t i = 0; i < helpers_; ++i) {
            children_.push_back(start_child());
        }
    }

    ~BareProcesses() override {
        shared_.over = true;
        start_round();
        for (const pid_t child : children_) {
            while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }

    Partial run(const Work& work) override {
        if (work.chunks > most_chunks) {
            throw std::length_error("a bare crew has no room for so many chunks");
        }
        shared_.work = work;
        start_round();
        work_on(shared_);
        wait_for(shared_.done, helpers_, shared_.done_bell, handshake_);
        return std::accumulate(shared_.results, shared_.results + work.chunks, Partial{});
    }

  private:
    /// Nobody claims between rounds, so plain stores will do; the release hands them over.
    void start_round() {
        shared_.cursor.store(0, std::memory_order_relaxed);
        shared_.done.store(0, std::memory_order_relaxed);
        shared_.round.fetch_add(1, std::memory_order_release);
        if (handshake_ == Handshake::futex) {
            shared_.round_bell.ring();
        }
    }

    pid_t start_child() {
        const pid_t host = getpid();
        const pid_t child = fork();
        if (child < 0) {
            throw std::system_error(errno, std::generic_category(), "fork");
        }
        if (child > 0) {
            return child;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == host) {
            serve();
        }
        _exit(0);
    }

    void serve() {
        for (std::uint32_t round = 1;; ++round) {
            wait_for(shared_.round, round, shared_.round_bell, handshake_);
            if (shared_.over) {
                return;
            }
            work_on(shared_);
            const bool last = shared_.done.fetch_add(1, std::memory_order_acq_rel) + 1 == helpers_;
            if (last && handshake_ == Handshake::futex) {
                shared_.done_bell.ring();
            }
        }
    }

    Handshake handshake_;
    pinfold::shm::Arena arena_{{.bytes = sizeof(Shared)}};
    Shared& shared_;
    std::uint32_t helpers_;
    std::vector<pid_t> children_;
};

}  // namespace

std::unique_ptr<Runner> make_bare_processes(Handshake handshake, int processes) {
    return std::make_unique<BareProcesses>(handshake, processes);
}

}  // namespace bench
