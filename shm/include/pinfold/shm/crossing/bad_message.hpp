#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <span>
#include <stdexcept>

namespace pinfold::shm {

/// Bytes are no message of the type that was read from them: they end too early or too late, or a
/// size, a flag or an order in them is impossible.
///
///     try {
///         throw pinfold::shm::BadMessage("it ends too early");
///     } catch (const std::runtime_error& error) {
///         assert(std::string(error.what()) == "it ends too early");
///     }
class PINFOLD_API BadMessage : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
    ~BadMessage() override;
    BadMessage(const BadMessage&) = default;
    BadMessage(BadMessage&&) = default;
    BadMessage& operator=(const BadMessage&) = default;
    BadMessage& operator=(BadMessage&&) = default;
};

/// How many values may lie inside of each other in a message, where a type may hold itself: an
/// encoder refuses more, and a decoder that meets more has no overflow of the stack.
inline constexpr unsigned deepest_message = 500;

namespace detail {

// They throw in the library, so that a decoder stays small and a source without exceptions may
// include it.
[[noreturn]] PINFOLD_API void throw_ends_early(std::size_t wanted, std::size_t left);
[[noreturn]] PINFOLD_API void throw_size_beyond(std::size_t size, std::size_t left);
[[noreturn]] PINFOLD_API void throw_left_over(std::size_t left);
[[noreturn]] PINFOLD_API void throw_impossible(const char* what);
[[noreturn]] PINFOLD_API void throw_too_deep();         // a decoder: BadMessage
[[noreturn]] PINFOLD_API void throw_nested_too_deep();  // an encoder: std::length_error

/// Throws std::logic_error for the bytes of a handle of memory that this process does not have.
PINFOLD_API void check_handle(std::span<const std::byte> handle);

}  // namespace detail
}  // namespace pinfold::shm
