#pragma once

namespace pinfold::shm::detail {

/// The points of what a party does with shared words at which a test ends a process; each is passed
/// to reached().
enum class PartyStep {
    named,
    took,
    let_go,
    rang,
    forgot,
    arrived,
    passed,
    named_bell,
    prepared,
    woke,
    forgot_bell,
    buried_name,
    buried_bell,
    // Of a ring.
    claimed_to_write,
    took_block,
    named_block,
    gave_block_over,
    published,
    claimed_to_read,
    held_block,
    settled,
    freed_block,
    put_back,
    closed,
    buried_hand,
    buried_block_held,
    buried_slot,
    buried_block_freed,
    drained,
    // Of a pipe.
    took_favour_away,
    favoured,
    joined,
    stepped_back,
    buried_user,
    // Of a sleeper that nobody woke.
    slept_a_slice,
    // Of a word that is taken again.
    raised_depth,
    lowered_depth,
};

}  // namespace pinfold::shm::detail
