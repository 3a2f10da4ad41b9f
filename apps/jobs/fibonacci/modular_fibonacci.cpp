#include "jobs/fibonacci/modular_fibonacci.hpp"

#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/fibonacci.hpp>

namespace pinfold::apps {

namespace {

struct SumJob {
    std::uint64_t m;
    SumMethod method;
};

struct TableJob {
    std::uint64_t m;
    std::uint64_t begin;
    std::span<std::uint64_t> terms;
};

/// The addition of residues mod m.
struct AddMod {
    std::uint64_t m;
    std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const {
        return static_cast<std::uint64_t>((uint128{a} + b) % m);
    }
};

}  // namespace

JobResult<std::uint64_t> sum_fibonacci_mod(Pool& pool, Range range, std::uint64_t m,
                                           SumMethod method, const JobSettings& settings) {
    return map_reduce(
        pool, range, SumJob{m, method},
        [](const SumJob& job, const Chunk& chunk) {
            return job.method == SumMethod::doubling
                       ? kernels::fibonacci_sum_mod(chunk.begin, chunk.end, job.m)
                       : kernels::fibonacci_sum_mod_by_recurrence(chunk.begin, chunk.end, job.m);
        },
        AddMod{m}, settings);
}

FibonacciTable fibonacci_table_mod(Pool& pool, Range range, std::uint64_t m,
                                   const JobSettings& settings) {
    FibonacciTable table;
    table.terms = pool.array<std::uint64_t>(static_cast<std::size_t>(range.size()));
    table.sum = map_reduce(
        pool, range, TableJob{m, range.begin, table.terms.span()},
        [](const TableJob& job, const Chunk& chunk) {
            const auto part =
                job.terms.subspan(chunk.begin - job.begin, static_cast<std::size_t>(chunk.size()));
            kernels::fibonacci_table(chunk.begin, part, job.m);
            std::uint64_t sum = 0;
            for (const std::uint64_t term : part) {
                sum = AddMod{job.m}(sum, term);
            }
            return sum;
        },
        AddMod{m}, settings);
    return table;
}

}  // namespace pinfold::apps
