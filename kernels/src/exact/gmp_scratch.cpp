// GMP's memory functions are one set for the whole program, so ours are put before those in place,
// once, and pass on all that does not belong to a GmpScratch of the calling thread. GMP gives
// temporaries back in the reverse order of taking them, so a mark that moves up and down is enough;
// memory that comes back in another order waits for the GmpScratch's end.

#include "exact/gmp_scratch.hpp"

#include <algorithm>
#include <cstring>

namespace pinfold::kernels {
namespace {

struct Functions {
    void* (*allocate)(std::size_t);
    void* (*reallocate)(void*, std::size_t, std::size_t);
    void (*release)(void*, std::size_t);
};

Functions heap;  // what was in place before

struct Block {
    std::byte* begin = nullptr;
    std::byte* top = nullptr;
    std::byte* end = nullptr;

    [[nodiscard]] bool holds(const void* pointer) const {
        const auto* const byte = static_cast<const std::byte*>(pointer);
        return begin <= byte && byte < end;
    }
};

thread_local Block block;
thread_local std::size_t from_heap = 0;

// A cache line, so that GMP's arrays start as malloc's large ones do.
constexpr std::size_t alignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

void* allocate(std::size_t bytes) {
    const std::size_t taken = aligned(bytes);
    if (taken <= static_cast<std::size_t>(block.end - block.top)) {
        void* const piece = block.top;
        block.top += taken;
        return piece;
    }
    from_heap += block.begin != nullptr ? bytes : 0;
    return heap.allocate(bytes);
}

void release(void* pointer, std::size_t bytes) {
    if (!block.holds(pointer)) {
        heap.release(pointer, bytes);
        return;
    }
    auto* const byte = static_cast<std::byte*>(pointer);
    if (byte + aligned(bytes) == block.top) {
        block.top = byte;
    }
}

void* reallocate(void* pointer, std::size_t old_bytes, std::size_t bytes) {
    if (!block.holds(pointer)) {
        return heap.reallocate(pointer, old_bytes, bytes);
    }
    void* const moved = allocate(bytes);
    std::memcpy(moved, pointer, std::min(old_bytes, bytes));
    release(pointer, old_bytes);
    return moved;
}

bool put_before_heap() {
    mp_get_memory_functions(&heap.allocate, &heap.reallocate, &heap.release);
    mp_set_memory_functions(allocate, reallocate, release);
    return true;
}

}  // namespace

GmpScratch::GmpScratch(std::span<Limb> memory) noexcept {
    [[maybe_unused]] static const bool once = put_before_heap();
    auto* const bytes = reinterpret_cast<std::byte*>(memory.data());
    const auto address = reinterpret_cast<std::uintptr_t>(bytes);
    const std::size_t skipped = std::min(aligned(address) - address, memory.size_bytes());
    block = {bytes + skipped, bytes + skipped, bytes + memory.size_bytes()};
}

GmpScratch::~GmpScratch() {
    block = {};
}

std::size_t GmpScratch::heap_bytes() noexcept {
    return from_heap;
}

}  // namespace pinfold::kernels
