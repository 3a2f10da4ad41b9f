#pragma once

// Which pointers are in what crosses. Not for users.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <type_traits>

namespace pinfold::detail {

/// Whether all that is in a T's copy is of its value, if need be after clear_padding().
template <typename T>
constexpr bool is_all_value() noexcept {
#if defined(PINFOLD_CLEARS_PADDING)
    if constexpr (std::is_trivially_copyable_v<T>) {
        return true;
    }
#endif
    return std::has_unique_object_representations_v<T>;
}

template <typename T>
void clear_padding([[maybe_unused]] T* copy) noexcept {
#if defined(PINFOLD_CLEARS_PADDING)
    if constexpr (std::is_trivially_copyable_v<T>) {
        __builtin_clear_padding(copy);
    }
#endif
}

/// How much of a T is looked at for pointers: of what may hold anything in its padding, no more
/// than captures mostly have.
template <typename T>
inline constexpr std::size_t looked_at = is_all_value<T>() ? 4096 : 48;

/// Throws unless all pointers that can be seen in what crosses may cross to the workers of a Pool,
/// or of a task's client.
template <typename Workers, typename T>
void check_pointers(const Workers& workers, const char* what, const T& value) {
    constexpr bool may_hold_one = alignof(T) >= alignof(void*) && sizeof(T) >= sizeof(void*);
    if constexpr (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>) {
        check_function_pointer(workers, reinterpret_cast<const void*>(value));
    } else if constexpr (goes_as_message<T>()) {
        shm::CrossingOf<T>::for_each_shareable(
            value, [&](const auto& leaf) { check_pointers(workers, what, leaf); });
    } else if constexpr (may_hold_one && !TrustOf<T>::is_given && !shm::HoldsNoAddress<T> &&
                         sizeof(T) <= looked_at<T>) {
        alignas(T) std::uintptr_t copy[sizeof(T) / sizeof(std::uintptr_t)];
        __builtin_memcpy(copy, std::addressof(value), sizeof copy);
        clear_padding(reinterpret_cast<T*>(copy));
        check_words(workers, what, copy, is_all_value<T>());
    }
}

}  // namespace pinfold::detail
