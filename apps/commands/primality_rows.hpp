#pragma once

#include <pinfold/engine/chunk_plan.hpp>

#include "jobs/primality/primality_job.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

/// Writes the rows of a table of numbers and answers in the numbers' order: `97 prime`, `91 not
/// prime`, or `7 unknown` where the job skipped the chunk; in JSON with commas between them.
///
/// The numbers are read from their source a second time, so that a hundred million of them need no
/// memory. Run time: about 40 ns a row. Throws like Output::write(), and std::runtime_error when a
/// text no longer has the numbers that were tested.
template <NumberSource Source>
void print_answers(Output& output, Format format, const Source& source, const ChunkPlan& plan,
                   const PrimalityResult& result);

extern template void print_answers(Output&, Format, const ListedNumbers&, const ChunkPlan&,
                                   const PrimalityResult&);
extern template void print_answers(Output&, Format, const RandomNumbers&, const ChunkPlan&,
                                   const PrimalityResult&);
extern template void print_answers(Output&, Format, const NumbersOfLines&, const ChunkPlan&,
                                   const PrimalityResult&);

}  // namespace pinfold::apps
