#pragma once

#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// In a Process: when it is about to end by SIGSEGV, `missed` says where, if that is no shared
/// memory that it knows. It ends all the same, at the same instruction. A program that sets a
/// handler of its own does without.
void note_missed_memory(std::atomic<std::uintptr_t>& missed) noexcept;

}  // namespace pinfold::detail
