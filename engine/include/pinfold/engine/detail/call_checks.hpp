#pragma once

// What a call can refuse before its job runs, as far as that is no matter of types. Not for users.

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>
#include <span>

namespace pinfold {

class Pool;

namespace detail {

class TaskClient;

/// Whether memory lies in the pool's arena.
[[nodiscard]] PINFOLD_API bool lies_in_arena(const Pool& pool, const void* data, std::size_t bytes);

/// Throw std::invalid_argument that names `what`, which is `size` elements at `data`.
PINFOLD_API void check_in_arena(const Pool& pool, const char* what, const void* data,
                                std::size_t size, std::size_t element_bytes);
PINFOLD_API void check_sizes(const Range& input, std::size_t output_size);
PINFOLD_API void check_numbers(const Range& input, std::uint64_t highest);
PINFOLD_API void check_overlap(std::span<const std::byte> input, std::span<const std::byte> output);

/// Throws std::invalid_argument that names `what` if one of its words points into memory that the
/// pool's workers do not share: a stack, the heap, globals. Not `is_exact`: what is left of a
/// pointer may stand in padding behind a small number.
PINFOLD_API void check_words(const Pool& pool, const char* what,
                             std::span<const std::uintptr_t> words, bool is_exact);
PINFOLD_API void check_words(const TaskClient& client, const char* what,
                             std::span<const std::uintptr_t> words, bool is_exact);

/// Throws std::invalid_argument if the pool's workers do not have this function.
PINFOLD_API void check_function_pointer(const Pool& pool, const void* function);
PINFOLD_API void check_function_pointer(const TaskClient& client, const void* function);

}  // namespace detail
}  // namespace pinfold
