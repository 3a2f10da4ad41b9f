#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pinfold::shm {

/// The machine's page size in bytes, a power of two.
[[nodiscard]] std::size_t page_bytes() noexcept;

/// `bytes` rounded up to whole pages.
[[nodiscard]] std::size_t whole_pages(std::size_t bytes) noexcept;

/// The whole pages that lie inside `bytes`; empty when there is none.
[[nodiscard]] std::span<std::byte> pages_inside(std::span<std::byte> bytes) noexcept;

/// The whole pages that hold any of `bytes`.
[[nodiscard]] std::span<std::byte> pages_around(std::span<std::byte> bytes) noexcept;

}  // namespace pinfold::shm
