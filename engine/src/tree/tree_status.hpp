#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <string>

namespace pinfold::detail {

/// What a supervisor tells its host, in shared memory.
struct TreeStatus {
    shm::Doorbell bell;                   // something below changed
    std::atomic<std::uint32_t> ready{0};  // workers whose start-up ended well, ever
    std::atomic<bool> forked{false};      // all workers were forked once
    std::atomic<bool> broken{false};      // the reason is written and the workers are gone
    std::atomic<bool> has_reason{false};  // taken by the first who writes one
    std::atomic<int> error{0};            // the errno behind the reason, or 0
    std::array<char, 512> reason{};

    /// Writes why the pool cannot work; the first reason stays.
    void give_reason(const std::string& text, int error_number) noexcept {
        if (has_reason.exchange(true)) {
            return;
        }
        const std::size_t length = text.copy(reason.data(), reason.size() - 1);
        reason[length] = '\0';
        error.store(error_number, std::memory_order_release);
    }
};

}  // namespace pinfold::detail
