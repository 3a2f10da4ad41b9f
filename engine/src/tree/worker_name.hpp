#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "worker_number.hpp"

namespace pinfold::detail {

/// What ps shows as a worker's name; made without the heap.
class WorkerName {
  public:
    explicit WorkerName(WorkerNumber worker) noexcept {
        constexpr std::string_view beginning = "pinfold:w";
        char* const number = std::copy(beginning.begin(), beginning.end(), text_.data());
        std::to_chars(number, text_.data() + text_.size() - 1, worker);
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

  private:
    std::array<char, 16> text_{};  // as many as the kernel keeps
};

}  // namespace pinfold::detail
