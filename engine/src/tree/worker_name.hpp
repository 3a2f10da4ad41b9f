#pragma once

#include <array>
#include <cstdio>

#include "worker_number.hpp"

namespace pinfold::detail {

/// What ps shows as a worker's name; made without the heap.
class WorkerName {
  public:
    explicit WorkerName(WorkerNumber worker) noexcept {
        std::snprintf(text_.data(), text_.size(), "pinfold:w%u", static_cast<unsigned>(worker));
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

  private:
    std::array<char, 16> text_{};  // as many as the kernel keeps
};

}  // namespace pinfold::detail
