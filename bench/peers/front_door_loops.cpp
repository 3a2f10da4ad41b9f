// Short loops over the numbers of a chunk as README writes them, each beside the same by hand with
// bounds of 64 bits: they show what a border costs that is no plain number.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <pinfold/pinfold.hpp>

#include "harness/front_door.hpp"
#include "peers/require.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {
namespace {

/// Enough that a job costs little beside them, and few enough that the loop is not the memory's.
constexpr std::uint64_t loop_elements = std::uint64_t{1} << 21;

/// The sum of 32-bit integers.
struct IntegerSum {
    pinfold::shm::Array<std::uint32_t> in;

    explicit IntegerSum(pinfold::Pool& pool) : in(pool.array<std::uint32_t>(loop_elements)) {
        std::iota(in.begin(), in.end(), 1U);
    }

    [[nodiscard]] std::uint64_t by_hand(std::uint64_t begin, std::uint64_t end) const {
        std::uint64_t sum = 0;
        for (std::uint64_t k = begin; k < end; ++k) {
            sum += in[k];
        }
        return sum;
    }
    [[nodiscard]] std::uint64_t begin_to_end(const pinfold::Chunk& chunk) const {
        std::uint64_t sum = 0;
        for (auto k = chunk.begin; k < chunk.end; ++k) {
            sum += in[k];
        }
        return sum;
    }
    [[nodiscard]] std::uint64_t range_for(const pinfold::Chunk& chunk) const {
        std::uint64_t sum = 0;
        for (auto k : chunk) {
            sum += in[k];
        }
        return sum;
    }
};

/// How many bytes have a value.
struct ByteCount {
    pinfold::shm::Array<std::uint8_t> in;

    explicit ByteCount(pinfold::Pool& pool) : in(pool.array<std::uint8_t>(loop_elements)) {
        std::iota(in.begin(), in.end(), std::uint8_t{0});
    }

    [[nodiscard]] std::uint64_t by_hand(std::uint64_t begin, std::uint64_t end) const {
        std::uint64_t count = 0;
        for (std::uint64_t k = begin; k < end; ++k) {
            count += in[k] == 'x' ? 1U : 0U;
        }
        return count;
    }
    [[nodiscard]] std::uint64_t begin_to_end(const pinfold::Chunk& chunk) const {
        std::uint64_t count = 0;
        for (auto k = chunk.begin; k < chunk.end; ++k) {
            count += in[k] == 'x' ? 1U : 0U;
        }
        return count;
    }
    [[nodiscard]] std::uint64_t range_for(const pinfold::Chunk& chunk) const {
        std::uint64_t count = 0;
        for (auto k : chunk) {
            count += in[k] == 'x' ? 1U : 0U;
        }
        return count;
    }
};

/// z = a x + y; returns how many elements it wrote.
struct Axpy {
    pinfold::shm::Array<float> x;
    pinfold::shm::Array<float> y;
    pinfold::shm::Array<float> z;
    float a = 0.5F;

    explicit Axpy(pinfold::Pool& pool)
        : x(pool.array<float>(loop_elements)),
          y(pool.array<float>(loop_elements)),
          z(pool.array<float>(loop_elements)) {
        std::fill(x.begin(), x.end(), 2.0F);
        std::fill(y.begin(), y.end(), 3.0F);
    }

    [[nodiscard]] std::uint64_t by_hand(std::uint64_t begin, std::uint64_t end) const {
        for (std::uint64_t k = begin; k < end; ++k) {
            z[k] = a * x[k] + y[k];
        }
        return end - begin;
    }
    [[nodiscard]] std::uint64_t begin_to_end(const pinfold::Chunk& chunk) const {
        for (auto k = chunk.begin; k < chunk.end; ++k) {
            z[k] = a * x[k] + y[k];
        }
        return chunk.size();
    }
    [[nodiscard]] std::uint64_t range_for(const pinfold::Chunk& chunk) const {
        for (auto k : chunk) {
            z[k] = a * x[k] + y[k];
        }
        return chunk.size();
    }
};

constexpr std::uint64_t loop_grain = loop_elements / 16;
constexpr int loop_repeats = 2;  // in a job, which so takes half a millisecond

/// A loop that returns what `map` returns for each chunk, added up.
template <typename Loop, typename Map>
class LoopRunner final : public Runner {
  public:
    explicit LoopRunner(Map map)
        : pool_({.crew = pinfold::Crew::serial, .workers = 1}), loop_(pool_), map_(map) {}

    [[nodiscard]] int caller_cpu() const override { return cpu_; }

    Partial run(const Work&) override {
        for (int i = 0; i < loop_repeats; ++i) {
            require(map_(pool_, loop_) == wanted_, "a loop");
        }
        return checked_value;
    }

  private:
    const int cpu_ = worker_cpus(1).front();
    pinfold::Pool pool_;
    const Loop loop_;
    const Map map_;
    const std::uint64_t wanted_ = loop_.by_hand(0, loop_elements);
};

template <typename Map>
std::uint64_t by_serial_crew(pinfold::Pool& pool, Map map) {
    return pinfold::map_reduce(pool, pinfold::Range{0, loop_elements}, map, std::plus<>{},
                               {.grain = loop_grain})
        .value;
}

template <typename Loop>
std::uint64_t by_hand(const Loop& loop) {
    std::uint64_t sum = 0;
    for (std::uint64_t begin = 0; begin < loop_elements; begin += loop_grain) {
        sum += loop.by_hand(begin, begin + loop_grain);
    }
    return sum;
}

template <typename Loop>
std::unique_ptr<Runner> make(LoopStyle style) {
    const auto runner = [](auto map) -> std::unique_ptr<Runner> {
        return std::make_unique<LoopRunner<Loop, decltype(map)>>(map);
    };
    switch (style) {
        case LoopStyle::by_hand:
            return runner([](pinfold::Pool&, const Loop& loop) { return by_hand(loop); });
        case LoopStyle::begin_to_end:
            return runner([](pinfold::Pool& pool, const Loop& loop) {
                return by_serial_crew(
                    pool, [loop](const pinfold::Chunk& chunk) { return loop.begin_to_end(chunk); });
            });
        case LoopStyle::range_for:
            return runner([](pinfold::Pool& pool, const Loop& loop) {
                return by_serial_crew(
                    pool, [loop](const pinfold::Chunk& chunk) { return loop.range_for(chunk); });
            });
    }
    return {};
}

}  // namespace

std::unique_ptr<Runner> make_loop(LoopBody body, LoopStyle style) {
    switch (body) {
        case LoopBody::integer_sum:
            return make<IntegerSum>(style);
        case LoopBody::byte_count:
            return make<ByteCount>(style);
        case LoopBody::axpy:
            return make<Axpy>(style);
    }
    return {};
}

}  // namespace bench
