#include "heap/heap_memory.hpp"

#include <algorithm>

#include "mapping.hpp"
#include "pages.hpp"

namespace pinfold::shm::detail {
namespace {

constexpr std::size_t bytes_a_unit = unit_bytes + sizeof(UnitWord) + sizeof(SlabBits);

/// The root and the lines, and what the parts' alignment may take.
std::size_t fixed_bytes(std::size_t parties) noexcept {
    return whole_pages(sizeof(HeapRoot) + parties * sizeof(HeapLine)) + 2 * page_bytes() +
           unit_bytes;
}

/// Cuts a region from its begin on, each part on pages of its own.
class Cut {
  public:
    explicit Cut(std::span<std::byte> region) : region_(region) {}

    template <typename T>
    std::span<T> of(std::size_t count) {
        T* const first = reinterpret_cast<T*>(region_.data());
        region_ = region_.subspan(whole_pages(count * sizeof(T)));
        return {first, count};
    }

    std::span<std::byte> units(std::size_t count) {
        const auto at = reinterpret_cast<std::uintptr_t>(region_.data());
        return region_.subspan((unit_bytes - at % unit_bytes) % unit_bytes, count * unit_bytes);
    }

  private:
    std::span<std::byte> region_;
};

}  // namespace

HeapMemory::HeapMemory(const Mapping& the_mapping, std::span<std::byte> region, std::size_t parties)
    : mapping(&the_mapping), pages_a_unit(std::max<std::size_t>(unit_bytes / page_bytes(), 1)) {
    const std::size_t fixed = fixed_bytes(parties);
    const std::size_t count = region.size() < fixed ? 0 : (region.size() - fixed) / bytes_a_unit;
    // The root and the lines together: a small heap costs one page.
    auto* const first = region.data();
    Cut cut(region.subspan(whole_pages(sizeof(HeapRoot) + parties * sizeof(HeapLine))));
    root = reinterpret_cast<HeapRoot*>(first);
    lines = {reinterpret_cast<HeapLine*>(first + sizeof(HeapRoot)), parties};
    words = cut.of<AtomicUnitWord>(count);
    bits = cut.of<SlabBits>(count);
    units = cut.units(count);
}

std::size_t HeapMemory::region_bytes(std::size_t bytes, std::size_t parties) noexcept {
    const std::size_t count = bytes / unit_bytes + (bytes % unit_bytes != 0 ? 1 : 0);
    return fixed_bytes(parties) + count * bytes_a_unit;
}

}  // namespace pinfold::shm::detail
