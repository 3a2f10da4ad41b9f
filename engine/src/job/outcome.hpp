#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/job_result.hpp>

#include "board/board.hpp"

namespace pinfold::detail {

/// The report of a complete job that began at `began_ns`, and whose elements have `element_bytes`
/// each; its seconds are still to be written.
[[nodiscard]] JobReport report_of(const BoardTable& table, const Board& board,
                                  std::int64_t began_ns, std::size_t element_bytes);

/// Why a job failed. No worker is on its board any more.
[[nodiscard]] JobFailed failure_of(const BoardTable& table, const Board& board);

}  // namespace pinfold::detail
