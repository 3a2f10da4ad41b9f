#include "pages.hpp"

#include <unistd.h>

namespace pinfold::shm {
namespace {

/// How far `address` lies above the start of its page.
std::size_t offset_in_page(const std::byte* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) & (page_bytes() - 1);
}

}  // namespace

std::size_t page_bytes() noexcept {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));  // which the C library knows
}

std::size_t whole_pages(std::size_t bytes) noexcept {
    return (bytes + page_bytes() - 1) & ~(page_bytes() - 1);
}

std::span<std::byte> pages_inside(std::span<std::byte> bytes) noexcept {
    const std::size_t below = offset_in_page(bytes.data());
    const std::size_t skipped = below == 0 ? 0 : page_bytes() - below;
    if (bytes.size() < skipped + page_bytes()) {
        return {};
    }
    return {bytes.data() + skipped, (bytes.size() - skipped) & ~(page_bytes() - 1)};
}

std::span<std::byte> pages_around(std::span<std::byte> bytes) noexcept {
    const std::size_t below = offset_in_page(bytes.data());
    return {bytes.data() - below, whole_pages(bytes.size() + below)};
}

}  // namespace pinfold::shm
