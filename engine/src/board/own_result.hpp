#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <pinfold/shm/shareable.hpp>

namespace pinfold::detail {

/// Where a worker's maps make results that are too large for a frame.
class OwnResult {
  public:
    /// At least `bytes`, at any alignment that a result may have. Throws std::bad_alloc.
    std::byte* of(std::size_t bytes) {
        if (bytes_ < bytes) {
            memory_.reset();
            bytes_ = 0;
            memory_.reset(static_cast<std::byte*>(::operator new(bytes, alignment)));
            bytes_ = bytes;
        }
        return memory_.get();
    }

  private:
    static constexpr std::align_val_t alignment{shm::largest_alignment};
    struct Delete {
        void operator()(std::byte* memory) const noexcept { ::operator delete(memory, alignment); }
    };

    std::unique_ptr<std::byte, Delete> memory_;
    std::size_t bytes_ = 0;
};

}  // namespace pinfold::detail
