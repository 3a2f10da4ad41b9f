#pragma once

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/lifeline.hpp>
#include <string_view>

#include "caught.hpp"

namespace pinfold::detail {

/// What a supervisor and its workers tell their host, in shared memory.
struct TreeStatus {
    shm::Doorbell bell;                   // something below changed
    shm::Lifeline supervisor;             // held by it for its life
    std::atomic<std::uint32_t> ready{0};  // workers whose start-up ended well, ever
    std::atomic<bool> born{false};        // the supervisor runs
    std::atomic<bool> forked{false};      // all workers were forked once
    std::atomic<bool> broken{false};      // the reason is written and the workers are gone
    std::atomic<bool> has_reason{false};  // taken by the first who writes one
    std::atomic<int> error{0};            // the errno behind the reason, or 0
    std::array<char, 512> reason{};

    /// Writes why the pool cannot work; the first reason stays. `error_number` is put into words by
    /// the host: the C library may wait for a lock to find them.
    void give_reason(int error_number, std::initializer_list<std::string_view> parts) noexcept {
        if (has_reason.exchange(true)) {
            return;
        }
        CutText text(reason);
        for (const std::string_view part : parts) {
            text.add(part);
        }
        error.store(error_number, std::memory_order_release);
    }
};

/// A number as text, without the heap.
class Digits {
  public:
    explicit Digits(long long number) noexcept
        : end_(std::to_chars(text_.begin(), text_.end(), number).ptr) {}
    operator std::string_view() const noexcept { return {text_.begin(), end_}; }

  private:
    std::array<char, 20> text_{};
    char* end_;
};

}  // namespace pinfold::detail
