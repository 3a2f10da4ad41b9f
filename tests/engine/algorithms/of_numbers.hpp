#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <pinfold/pinfold.hpp>
#include <vector>

namespace pinfold::testing {

template <typename T>
std::vector<T> vector_of(const shm::Array<T>& array) {
    return std::vector<T>(array.begin(), array.end());
}

/// Numbers whose sums depend on the order of their addition.
inline std::vector<double> uneven_numbers(std::size_t size) {
    std::vector<double> numbers(size);
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t bits = (i + 1) * 0x9e3779b97f4a7c15U;
        numbers[i] = static_cast<double>(bits >> 40U) / static_cast<double>(1 + bits % 1009);
    }
    return numbers;
}

/// Kills the worker that asks, each of the first `times` times. The count lies in the pool's arena.
struct DiesSome {
    std::uint32_t* left;

    void operator()() const {
        std::atomic_ref word(*left);
        std::uint32_t seen = word.load();
        while (seen > 0) {
            if (word.compare_exchange_weak(seen, seen - 1)) {
                std::raise(SIGKILL);
            }
        }
    }
};

}  // namespace pinfold::testing
