// Another shared object that holds the engine too, and runs its maps on a pool that it is given.
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/shared.hpp>
#include <stdexcept>
#include <string>

namespace {

struct Nothing {};

std::uint64_t add_up(const Nothing&, const pinfold::Chunk& chunk) {
    std::uint64_t part = 0;
    for (auto i = static_cast<std::uint64_t>(chunk.begin); i < chunk.end; ++i) {
        part += i;
    }
    return part;
}

constexpr auto map = [](const Nothing& job, const pinfold::Chunk& chunk) {
    return add_up(job, chunk);
};

pinfold::Pool* pool_of_threads = nullptr;  // which maps see, as all of the host's memory

}  // namespace

extern "C" __attribute__((visibility("default"))) bool sum_is_right(pinfold::Pool* pool) {
    return pinfold::map_reduce(*pool, pinfold::Range{0, 1000}, Nothing{}, map, std::plus<>{},
                               {.grain = 7})
               .value == 499500;
}

// A map that uses its own pool runs there serially, whichever copy it comes through.
extern "C" __attribute__((visibility("default"))) bool sum_of_sums_is_right(pinfold::Pool* pool) {
    if (pool->crew() == pinfold::Crew::processes) {
        return true;  // whose maps do not see the pool
    }
    pool_of_threads = pool;
    const auto nested = [](const Nothing& job, const pinfold::Chunk& chunk) {
        return pinfold::map_reduce(*pool_of_threads, pinfold::Range{0, chunk.index + 1}, job, map,
                                   std::plus<>{})
            .value;
    };
    return pinfold::map_reduce(*pool, pinfold::Range{0, 100}, Nothing{}, nested, std::plus<>{},
                               {.grain = 1})
               .value == 166650;
}

extern "C" __attribute__((visibility("default"))) bool failure_is_caught(pinfold::Pool* pool) {
    try {
        pinfold::map_reduce(
            *pool, pinfold::Range{0, 10}, Nothing{},
            [](const Nothing&, const pinfold::Chunk& chunk) -> std::uint64_t {
                throw std::runtime_error("no value for " + std::to_string(chunk.index));
            },
            std::plus<>{}, {.grain = 10, .max_attempts = 1});
    } catch (const pinfold::JobFailed& failure) {
        return std::string(failure.what()).find("no value for 0") != std::string::npos;
    }
    return false;
}

extern "C" __attribute__((visibility("default"))) bool array_is_right(pinfold::Pool* pool) {
    pinfold::shm::Array<std::uint64_t> numbers(pool->arena(), 1000);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = i;
    }
    const auto sum = pinfold::map_reduce(
        *pool, numbers, Nothing{},
        [](const Nothing&, std::span<const std::uint64_t> part, const pinfold::Chunk&) {
            std::uint64_t total = 0;
            for (const std::uint64_t number : part) {
                total += number;
            }
            return total;
        },
        std::plus<>{});
    return sum.value == 499500;
}

// Objects are for the copy that made their space: each copy knows its own threads alone. A thread
// that has a place in a space of this copy must not take it for one in the other's.
extern "C" __attribute__((visibility("default"))) bool lock_of_the_maker_is_refused(
    pinfold::Pool* pool) {
    const pinfold::Shared own;
    const pinfold::Mutex own_lock(own);
    own_lock.lock();
    own_lock.unlock();
    try {
        const pinfold::Mutex lock(*pool);
        lock.lock();
    } catch (const std::logic_error& error) {
        return std::string(error.what()).find("another copy of this library") != std::string::npos;
    }
    return false;
}
