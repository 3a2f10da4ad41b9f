#pragma once

namespace pinfold::detail {

/// The points of the claim loop at which a test ends a worker; each is passed to reached().
enum class Step {
    joined,
    announced,
    before_asking,
    asked,
    claimed_for_another,
    before_lease,
    leased,
    before_claim,
    claimed,
    noted,
    emitted_in_row,  // see RowStep
    merged_in_row,
    block_taken_in_row,
    written_in_row,
    mapped_in_row,
    committed_in_row,
    given_over_in_row,
    named_in_row,
    map_returned,
    committed,
    given_over,
    batch_over,
    published,
    counted,
    phase_advanced,
    rang,
    awaited_taken,  // by a worker that is about to ring for the host of a stream
    reason_taken,
    threw,
    lost,
    before_leave,
    left,

    // Of tasks: of whoever submits in a worker, of the worker, and of whoever frees a slot.
    task_submitting,
    task_message_taken,
    task_published,
    task_message_given_over,
    task_enqueued,
    task_cancelled,
    task_named,
    task_taken_out,
    task_claimed,
    task_begun,
    task_threw,
    task_called,
    task_committed,
    task_given_over,
    task_rang,
    task_freeing,
    task_block_held,
    task_block_forgotten,
    task_block_freed,
    task_freed,
};

/// Of the claim loop; those of tasks come behind them.
inline constexpr int steps = static_cast<int>(Step::left) + 1;
inline constexpr int all_steps = static_cast<int>(Step::task_freed) + 1;

}  // namespace pinfold::detail
