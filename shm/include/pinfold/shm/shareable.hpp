#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::shm {

/// The largest alignment that an Arena gives, and so that of whatever lies in one: 4096 bytes.
inline constexpr std::size_t largest_alignment = 4096;

/// A type whose bytes mean the same in every process that maps them: trivially copyable, and no
/// reference. It may hold pointers into an Arena, which lies at one address in all workers. Other
/// pointers compile too, but are wrong.
template <typename T>
concept Shareable = std::is_object_v<T> && std::is_trivially_copyable_v<T>;

}  // namespace pinfold::shm
