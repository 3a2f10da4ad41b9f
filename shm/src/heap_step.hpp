#pragma once

namespace pinfold::shm::detail {

/// The points of a heap's work at which a test ends a process; each is passed to reached().
enum class HeapStep {
    named_taking,
    claimed_one,
    claimed,
    looked_at_names,
    brought_in,
    named_tails,
    raised_top,
    took_in_hand,
    published_run,
    named_open,
    opened,
    took_block,
    gave_over,
    named_freeing,
    left_hand,
    cleared_bit,
    began_to_free_run,
    emptied_run,
    freed_tail,
    freed_run,
    forgot_freeing,
    rested,
    named_closing,
    began_to_close,
    closed,
    undid_one,
    buried_closing,
    buried_freeing,
    buried_taking,
    buried_slabs,
};

inline constexpr int heap_steps = static_cast<int>(HeapStep::buried_slabs) + 1;

}  // namespace pinfold::shm::detail
