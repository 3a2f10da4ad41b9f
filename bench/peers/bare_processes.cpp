// The floor under every crew of processes:
//
//     caller    round + 1 ──► claim, map, claim, map ... ──► wait until all are done ──► add up
//     child     wait for it ──► claim, map, claim, map ... ──► done + 1
//
// No chunk states, no pids, no deadlines, no supervisor.

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <numeric>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "harness/runners.hpp"
#include "peers/child.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

constexpr std::uint64_t batch = 16;
constexpr std::uint64_t most_chunks = 1 << 16;
constexpr std::size_t most_processes = 16;

/// What one process has run since the caller last asked.
struct alignas(64) Ran {
    std::uint64_t chunks = 0;
};

/// What the processes share; each word that is fought over has a cache line of its own.
struct Shared {
    alignas(64) std::atomic<std::uint32_t> round = 0;
    Work work;
    bool over = false;
    alignas(64) std::atomic<std::uint64_t> cursor = 0;
    alignas(64) std::atomic<std::uint32_t> done = 0;
    alignas(64) pinfold::shm::Doorbell round_bell;
    alignas(64) pinfold::shm::Doorbell done_bell;
    Ran ran[most_processes];
    alignas(64) Partial results[most_chunks];
};

/// Returns how many chunks it has run.
template <typename Map>
std::uint64_t claim_and_map(Shared& shared, std::uint64_t chunks, Map map) {
    for (std::uint64_t ran = 0;;) {
        const std::uint64_t begin = shared.cursor.fetch_add(batch, std::memory_order_relaxed);
        if (begin >= chunks) {
            return ran;
        }
        const std::uint64_t end = std::min(begin + batch, chunks);
        for (std::uint64_t i = begin; i < end; ++i) {
            shared.results[i] = map(i);
        }
        ran += end - begin;
    }
}

void work_on(Shared& shared, std::size_t process) {
    const Work work = shared.work;
    shared.ran[process].chunks +=
        with_map(work, [&](auto map) { return claim_and_map(shared, work.chunks, map); });
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
    BareProcesses(Handshake handshake, std::size_t processes)
        : handshake_(handshake), processes_(processes) {
        if (processes > most_processes) {
            throw std::length_error("a bare crew has no room for so many processes");
        }
        for (std::size_t process = 1; process < processes; ++process) {
            children_.emplace_back(cpus_[process], [this, process] { serve(process); });
        }
    }

    ~BareProcesses() override {
        shared_.over = true;
        start_round();
    }

    [[nodiscard]] int caller_cpu() const override { return cpus_.front(); }

    [[nodiscard]] std::vector<std::uint64_t> chunks_by_party() override {
        std::vector<std::uint64_t> chunks;
        for (std::size_t process = 0; process < processes_; ++process) {
            chunks.push_back(std::exchange(shared_.ran[process].chunks, 0));
        }
        return chunks;
    }

    Partial run(const Work& work) override {
        if (work.chunks > most_chunks) {
            throw std::length_error("a bare crew has no room for so many chunks");
        }
        shared_.work = work;
        start_round();
        work_on(shared_, 0);
        wait_for(shared_.done, helpers(), shared_.done_bell, handshake_);
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

    void serve(std::size_t process) {
        for (std::uint32_t round = 1;; ++round) {
            wait_for(shared_.round, round, shared_.round_bell, handshake_);
            if (shared_.over) {
                return;
            }
            work_on(shared_, process);
            const bool last = shared_.done.fetch_add(1, std::memory_order_acq_rel) + 1 == helpers();
            if (last && handshake_ == Handshake::futex) {
                shared_.done_bell.ring();
            }
        }
    }

    /// The processes but for the caller.
    [[nodiscard]] std::uint32_t helpers() const {
        return static_cast<std::uint32_t>(processes_ - 1);
    }

    const Handshake handshake_;
    const std::size_t processes_;
    const std::vector<int> cpus_ = worker_cpus(static_cast<int>(processes_));
    pinfold::shm::Arena arena_{{.bytes = sizeof(Shared)}};
    Shared& shared_ = *new (arena_.allocate(sizeof(Shared))) Shared;
    std::list<Child> children_;
};

}  // namespace

std::unique_ptr<Runner> make_bare_processes(Handshake handshake, int processes) {
    return std::make_unique<BareProcesses>(handshake, static_cast<std::size_t>(processes));
}

}  // namespace bench
