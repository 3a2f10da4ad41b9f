#pragma once

#include <pinfold/shm/parties/owner_word.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <string>

#include "handover.hpp"

namespace pinfold::detail {

/// Why waits throw PoolBroken, and threads are refused that hold too much.
inline constexpr const char* nobody_would_tell =
    "the processes that use it have ended, and nobody would tell of a death any more";
inline constexpr const char* too_many_names = "a thread is at 30 shared objects already";

/// Throws what `call`, as a user writes it, tells of a word that was not taken; returns where the
/// caller was told of a death, or the time was over.
void throw_what_was_told(shm::Taken taken, const char* call);

/// The same, and returns where the word was taken.
inline void throw_unless_taken(shm::Taken taken, const char* call) {
    if (taken != shm::Taken::yes) [[unlikely]] {
        throw_what_was_told(taken, call);
    }
}

/// The same for a word that others let go of with hand_over_unseen().
inline void throw_unless_taken(shm::Taken taken, const char* call, void* word) {
    throw_unless_taken(taken, call);
    if (shm::is_taken(taken)) {
        take_over_unseen(word);
    }
}

/// Throws that the caller does not own the word, and who does.
[[noreturn]] void throw_not_owner(const shm::OwnerWord& word, const shm::Roster& roster,
                                  const char* call);

/// Throws that the caller must not do that, and why.
[[noreturn]] void throw_not_permitted(const std::string& why);

}  // namespace pinfold::detail
