#include "environment/bandwidth.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <new>
#include <pinfold/affinity/memory_headroom.hpp>
#include <span>

#include "environment/last_level_cache.hpp"
#include "environment/together.hpp"

namespace pinfold::apps {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto measured_time = std::chrono::milliseconds(150);
constexpr double least_bytes = 64.0 * 1024 * 1024;
constexpr double times_the_caches = 2;  // a read in a circle finds nothing in a cache half as large
constexpr double times_to_spare = 4;
constexpr std::size_t words_a_look =
    std::size_t{32} * 1024;  // 256 KiB: some 20 µs between looks at the clock

/// Fresh memory of this process alone, in huge pages where the system has them.
class OwnMemory {
  public:
    explicit OwnMemory(std::size_t bytes)
        : bytes_(bytes),
          at_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
        if (at_ == MAP_FAILED) {
            throw std::bad_alloc();
        }
        madvise(at_, bytes_, MADV_HUGEPAGE);  // best effort
    }
    ~OwnMemory() { munmap(at_, bytes_); }
    OwnMemory(const OwnMemory&) = delete;
    OwnMemory& operator=(const OwnMemory&) = delete;

    [[nodiscard]] std::span<std::uint64_t> words() const noexcept {
        return {static_cast<std::uint64_t*>(at_), bytes_ / sizeof(std::uint64_t)};
    }

  private:
    std::size_t bytes_;
    void* at_;
};

std::uint64_t sum_of(std::span<const std::uint64_t> words) noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t word : words) {
        sum += word;
    }
    return sum;
}

/// Bytes a second of one worker, which reads `bytes` round and round.
double measured_read(Meeting& meeting, double bytes) {
    const OwnMemory memory(static_cast<std::size_t>(bytes));
    const std::span<std::uint64_t> words = memory.words();
    std::ranges::fill(words, 1);
    meet(meeting);
    std::uint64_t sum = 0;
    std::uint64_t read = 0;
    std::size_t at = 0;
    const auto begin = Clock::now();
    auto now = begin;
    while (now - begin < measured_time) {
        const std::size_t count = std::min(words_a_look, words.size() - at);
        sum += sum_of(words.subspan(at, count));
        read += count;
        at = at + count == words.size() ? 0 : at + count;
        now = Clock::now();
    }
    const double seconds = std::chrono::duration<double>(now - begin).count();
    return sum != read ? 0 : static_cast<double>(read * sizeof(std::uint64_t)) / seconds;
}

}  // namespace

std::optional<Bandwidth> measure_bandwidth(int workers, const std::string& pin) {
    const MachineFiles files("/");
    const double bytes =
        std::max(least_bytes, times_the_caches * last_level_cache_bytes(files).value_or(0));
    if (static_cast<double>(affinity::memory_headroom().bytes) < times_to_spare * bytes) {
        return std::nullopt;
    }
    double all = 0;
    for (const double one : measure_together<measured_read>(workers, pin, bytes / workers)) {
        all += one;
    }
    return all > 0 ? std::optional(Bandwidth{workers, pin, all}) : std::nullopt;
}

}  // namespace pinfold::apps
