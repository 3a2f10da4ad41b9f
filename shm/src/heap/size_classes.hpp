#pragma once

// The sizes of small blocks. Each is at most half as large again as the one below, so that a block
// wastes at most a third, from 65 bytes on; none leaves more than a sixteenth of its unit over.

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfold::shm::detail {

/// What a heap is cut into: a slab, or a part of a run. 64 KiB are brought in within 20 to 50 µs.
inline constexpr std::size_t unit_bytes = std::size_t{64} << 10;

inline constexpr std::array<std::uint32_t, 19> class_bytes{
    64,   96,   128,  192,  256,  384,   512,   768,   1024, 1536,
    2048, 3072, 4096, 6144, 8192, 12288, 16384, 21824, 32768};

inline constexpr std::size_t size_classes = class_bytes.size();
inline constexpr std::size_t largest_small_bytes = class_bytes.back();

/// Of a slab of the class.
constexpr std::size_t blocks_of(std::size_t size_class) noexcept {
    return unit_bytes / class_bytes[size_class];
}
inline constexpr std::size_t most_blocks = blocks_of(0);

inline constexpr std::size_t class_step = 32;  // all sizes are multiples of it

/// The class of blocks of `bytes`, from 1 to largest_small_bytes.
constexpr std::size_t class_of(std::size_t bytes) noexcept {
    constexpr auto table = [] {
        std::array<std::uint8_t, largest_small_bytes / class_step> classes{};
        std::uint8_t size_class = 0;
        for (std::size_t i = 0; i < classes.size(); ++i) {
            while (class_bytes[size_class] < (i + 1) * class_step) {
                ++size_class;
            }
            classes[i] = size_class;
        }
        return classes;
    }();
    return table[(bytes - 1) / class_step];
}

/// The class of blocks of `bytes` on addresses that `alignment` divides; size_classes when no class
/// has such.
constexpr std::size_t class_of(std::size_t bytes, std::size_t alignment) noexcept {
    std::size_t size_class = class_of(bytes);
    while (size_class < size_classes && class_bytes[size_class] % alignment != 0) {
        ++size_class;
    }
    return size_class;
}

}  // namespace pinfold::shm::detail
