#pragma once

#include <cstddef>
#include <memory>

namespace pinfold::kernels {

/// The size and the alignment of a huge page.
inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

struct FreeHugePage {
    void operator()(void* page) const noexcept;
};
using HugePage = std::unique_ptr<void, FreeHugePage>;

/// Memory of the heap as one huge page where the system has such, which spares a walk all over it
/// most look-ups of addresses. It is not cleared. Throws std::bad_alloc when there is no memory.
[[nodiscard]] HugePage make_huge_page();

}  // namespace pinfold::kernels
