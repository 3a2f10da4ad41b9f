#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "worker_number.hpp"

namespace pinfold::detail {

/// The text of the first exception that a map let out, in shared memory.
struct Thrown {
    std::atomic<std::uint32_t> writer{0};  // worker + 1, who alone may write the rest
    std::array<char, 128> type{};
    std::array<char, 896> text{};
    std::uint64_t state_index = 0;

    /// Writes what the map of chunk `at` threw, unless somebody has written before.
    void record(WorkerNumber worker, std::uint64_t at, const char* of_type,
                const char* with_text) noexcept;

    /// Forgets what dead worker `worker` may have written half of.
    void forget(WorkerNumber worker) noexcept;
};

/// The exception that is being handled, as text; to be made and used inside of its handler.
class Caught {
  public:
    /// Lets go through what is no exception of a map: that its thread is being cancelled.
    Caught();

    [[nodiscard]] const char* type() const noexcept { return type_; }
    [[nodiscard]] const char* text() const noexcept { return text_; }
    [[nodiscard]] bool is_bad_alloc() const noexcept { return is_bad_alloc_; }

  private:
    std::unique_ptr<char, void (*)(void*)> name_;
    const char* type_ = "unknown type";
    const char* text_ = "not derived from std::exception";
    bool is_bad_alloc_ = false;
};

}  // namespace pinfold::detail
