// What it takes two CPUs to tell each other something: the yardstick for every handshake.
//
//     caller    1 ──►        see 2, 3 ──►        see 4 ...
//     child          see 1, 2 ──►        see 3, 4 ──►

#include <atomic>
#include <pinfold/shm/arena.hpp>

#include "harness/runners.hpp"
#include "peers/child.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

class LineRoundTrip final : public Runner {
  public:
    ~LineRoundTrip() override { word_.store(over, std::memory_order_release); }

    [[nodiscard]] int caller_cpu() const override { return cpus_.front(); }

    Partial run(const Work& work) override {
        const std::uint64_t sent = word_.load(std::memory_order_relaxed) + 1;
        word_.store(sent, std::memory_order_release);
        while (word_.load(std::memory_order_acquire) != sent + 1) {
        }
        return run_plainly(work);
    }

  private:
    static constexpr std::uint64_t over = ~std::uint64_t{0};

    void answer() {
        for (std::uint64_t seen = 0;;) {
            while ((seen = word_.load(std::memory_order_acquire)) % 2 == 0) {
            }
            if (seen == over) {
                return;
            }
            word_.store(seen + 1, std::memory_order_release);
        }
    }

    const std::vector<int> cpus_ = worker_cpus(2);
    pinfold::shm::Arena arena_{{.bytes = sizeof(std::atomic<std::uint64_t>)}};
    std::atomic<std::uint64_t>& word_ =
        *new (arena_.allocate(sizeof(std::atomic<std::uint64_t>))) std::atomic<std::uint64_t>(0);
    const Child child_{cpus_.back(), [this] { answer(); }};
};

}  // namespace

std::unique_ptr<Runner> make_line_round_trip() {
    return std::make_unique<LineRoundTrip>();
}

}  // namespace bench
