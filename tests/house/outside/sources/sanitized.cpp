// The program of a user who looks for faults of their own with a sanitizer: every kind of job on
// every crew, and not one complaint about pinfold.
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <stdexcept>
#include <string>
#include <thread>

int written_by_all = 0;  // seen from outside, so that no compiler leaves it out

namespace {

using pinfold::Chunk;
using pinfold::Pool;
using pinfold::Range;

struct Large {
    std::array<std::uint64_t, 100> factors{};
};

bool range_is_right(Pool& pool, std::uint64_t factor) {
    Large job;
    job.factors.fill(factor);
    const auto map = [](const Large& large, const Chunk& chunk) {
        Large sums;
        for (std::size_t i = 0; i < sums.factors.size(); ++i) {
            sums.factors[i] = large.factors[i] * chunk.index;
        }
        return sums;
    };
    const auto fold = [](Large a, const Large& b) {
        for (std::size_t i = 0; i < a.factors.size(); ++i) {
            a.factors[i] += b.factors[i];
        }
        return a;
    };
    const auto sum = pinfold::map_reduce(pool, Range{0, 1000}, job, map, fold, {.grain = 10});
    return sum.value.factors.front() == factor * 4950 && sum.value.factors.back() == factor * 4950;
}

bool arrays_are_right(Pool& pool) {
    pinfold::shm::Array<std::uint64_t> numbers(pool.arena(), 10'000);
    pinfold::shm::Array<std::uint64_t> squares(pool.arena(), 10'000);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = i;
    }
    pinfold::transform_chunks(pool, numbers, squares, 1,
                              [](const int&, std::span<const std::uint64_t> in,
                                 std::span<std::uint64_t> out, const Chunk&) {
                                  for (std::size_t i = 0; i < in.size(); ++i) {
                                      out[i] = in[i] * in[i];
                                  }
                              },
                              {.grain = 100});
    squares[0] = 7;
    const auto sum =
        pinfold::map_reduce(pool, squares, 1,
                            [](const int&, std::span<const std::uint64_t> part, const Chunk&) {
                                std::uint64_t total = 0;
                                for (const std::uint64_t square : part) {
                                    total += square;
                                }
                                return total;
                            },
                            std::plus<>{}, {.grain = 100});
    return squares[9] == 81 && sum.value == 333'283'335'007;
}

bool phases_are_right(Pool& pool) {
    pinfold::Phases<int> phases;
    const auto fill = [](const int&, const Chunk& chunk, const pinfold::PhaseMemory& memory) {
        for (auto i = static_cast<std::size_t>(chunk.begin); i < chunk.end; ++i) {
            memory.of<std::uint64_t>(memory.running())[i] =
                memory.running() == 0 ? i : memory.of<std::uint64_t>(0)[999 - i];
        }
    };
    phases.add({.range = {0, 1000}, .grain = 10, .bytes = 8000}, fill);
    phases.add({.range = {0, 1000}, .grain = 10, .bytes = 8000}, fill);
    const auto sum =
        pinfold::map_reduce(pool, Range{0, 1000}, 1, phases,
                            [](const int&, const Chunk& chunk, const pinfold::PhaseMemory& memory) {
                                return memory.of<std::uint64_t>(1)[chunk.begin] * chunk.index;
                            },
                            std::plus<>{}, {.grain = 10});
    return sum.value == 1'661'550;
}

bool failure_is_told(Pool& pool) {
    try {
        pinfold::map_reduce(
            pool, Range{0, 1000}, 1,
            [](const int&, const Chunk& chunk) {
                if (chunk.index == 70) {
                    throw std::runtime_error("no value for chunk " + std::to_string(chunk.index));
                }
                return 1;
            },
            std::plus<>{}, {.grain = 10, .max_attempts = 2});
    } catch (const pinfold::JobFailed& failure) {
        return std::string(failure.what()).find("no value for chunk 70") != std::string::npos;
    }
    return false;
}

#if defined(WITH_A_RACE)

bool race_is_right(Pool& pool) {
    const auto map = [](const int&, const Chunk& chunk) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // so that all workers take part
        written_by_all = static_cast<int>(chunk.index);
        return written_by_all < 0 ? 0 : 1;
    };
    return pinfold::map_reduce(pool, Range{0, 100}, 1, map, std::plus<>{}, {.grain = 1}).value ==
           100;
}

#else

bool race_is_right(Pool&) {
    return true;
}

#endif

}  // namespace

int main() {
    int wrong = 0;
    for (const auto crew :
         {pinfold::Crew::processes, pinfold::Crew::serial, pinfold::Crew::threads}) {
        const int workers = crew == pinfold::Crew::serial ? 1 : 4;
        Pool pool({.crew = crew, .workers = workers, .pin = "none"});
        for (std::uint64_t factor = 1; factor <= 10; ++factor) {
            wrong += range_is_right(pool, factor) ? 0 : 1;
            wrong += arrays_are_right(pool) ? 0 : 1;
            wrong += phases_are_right(pool) ? 0 : 1;
            wrong += failure_is_told(pool) ? 0 : 1;
            wrong += race_is_right(pool) ? 0 : 1;
        }
    }
    return wrong;
}
