#include "jobs/fibonacci/exact_fibonacci.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/uint128.hpp>
#include <stdexcept>
#include <thread>

#include "jobs/machine_memory.hpp"

namespace pinfold::apps {

namespace {

using kernels::Limb;

struct ExactJob {
    ExactFibonacci::Plan plan;
    std::span<Limb> limbs;
    std::span<char> text;

    /// The value. A sum is found as a difference, and stands behind its two numbers.
    [[nodiscard]] std::span<Limb> value() const {
        return plan.sum ? behind().subspan(plan.lower.work_limbs(), plan.value_limbs()) : upper();
    }
    [[nodiscard]] std::span<Limb> upper() const { return limbs.first(plan.value_limbs()); }
    [[nodiscard]] std::span<Limb> lower() const { return behind().first(plan.lower.value_limbs()); }
    /// All but the upper number, which begins the limbs that its own calculation works on.
    [[nodiscard]] std::span<Limb> behind() const { return limbs.subspan(plan.value_limbs()); }
    [[nodiscard]] std::span<Limb> decimal_work() const {
        return plan.sum ? behind().subspan(plan.lower.work_limbs() + plan.value_limbs()) : behind();
    }

    /// How many phases come before those of the lower number and before those of the digits.
    [[nodiscard]] std::size_t before_lower() const { return plan.upper.steps(); }
    [[nodiscard]] std::size_t before_decimal() const {
        return before_lower() + (plan.sum ? plan.lower.steps() + 1 : 0);
    }
};
static_assert(shm::Shareable<ExactJob>);

/// Adds a phase for each step of `calculation`; `run(job, phase, task)` runs a task.
template <kernels::Stepwise Calculation, typename Run>
void add_phases(Phases<ExactJob>& phases, const Calculation& calculation, Run) {
    for (std::size_t step = 0; step < calculation.steps(); ++step) {
        phases.add({.range = {0, calculation.tasks(step)}, .grain = 1},
                   [](const ExactJob& job, const Chunk& chunk, const PhaseMemory& memory) {
                       Run{}(job, memory.running(), chunk.begin);
                   });
    }
}

Phases<ExactJob> phases_of(const ExactFibonacci::Plan& plan) {
    using Index = std::size_t;
    Phases<ExactJob> phases;
    add_phases(phases, plan.upper, [](const ExactJob& job, Index phase, Index task) {
        job.plan.upper.run(phase, task, job.limbs.first(job.plan.upper.work_limbs()));
    });
    if (plan.sum) {
        add_phases(phases, plan.lower, [](const ExactJob& job, Index phase, Index task) {
            job.plan.lower.run(phase - job.before_lower(), task,
                               job.behind().first(job.plan.lower.work_limbs()));
        });
        phases.add({.range = {0, 1}}, [](const ExactJob& job, const Chunk&, const PhaseMemory&) {
            kernels::subtract(job.upper(), job.lower(), job.value());
        });
    }
    if (plan.base == kernels::Base::decimal) {
        add_phases(phases, plan.decimal, [](const ExactJob& job, Index phase, Index task) {
            job.plan.decimal.run(phase - job.before_decimal(), task, job.value(), job.text,
                                 job.decimal_work());
        });
    }
    return phases;
}

/// The job's own and only chunk, when all phases are over. Unlike a phase it could be skipped.
std::uint64_t count_limbs(const ExactJob& job) {
    const auto value = job.value();
    const auto first =
        std::find_if(value.rbegin(), value.rend(), [](Limb limb) { return limb != 0; });
    return static_cast<std::uint64_t>(value.rend() - first);
}

/// The index of the longest number that a question needs. Throws when it is too long for GMP.
std::uint64_t last_index(const ExactQuestion& question) {
    const uint128 n = question.sum ? question.range.end + 1 : uint128{question.range.begin};
    if (n > kernels::max_exact_fibonacci) {
        throw std::invalid_argument(
            fmt::format("F({}) is too long to be exact: the limit is F({}); --mod M has no limit",
                        to_decimal(n), kernels::max_exact_fibonacci));
    }
    return static_cast<std::uint64_t>(n);
}

/// What the workers share.
uint128 shared_bytes(const ExactFibonacci::Plan& plan) {
    return uint128{plan.limbs()} * sizeof(Limb) + plan.text_bytes();
}

uint128 bytes_of(const ExactFibonacci::Plan& plan, unsigned workers) {
    return shared_bytes(plan) + plan.scratch_bytes(workers);
}

/// The workers of a pool with these options, as far as they make a difference here.
unsigned workers_of(const PoolOptions& options) {
    if (options.crew == Crew::serial) {
        return 1;
    }
    return options.workers > 0 ? static_cast<unsigned>(options.workers)
                               : std::max(2U, std::thread::hardware_concurrency());
}

}  // namespace

ExactFibonacci::Plan::Plan(const ExactQuestion& question, int workers)
    : upper(last_index(question), workers),
      lower(question.sum ? question.range.begin + 1 : 0, workers),
      decimal(kernels::fibonacci_bits(last_index(question)), workers),
      sum(question.sum),
      base(question.base) {}

std::size_t ExactFibonacci::Plan::limbs() const {
    const std::size_t for_decimal = base == kernels::Base::decimal ? decimal.work_limbs() : 0;
    const std::size_t behind = sum ? lower.work_limbs() + value_limbs() + for_decimal : for_decimal;
    return std::max(upper.work_limbs(), value_limbs() + behind);
}

std::size_t ExactFibonacci::Plan::text_bytes() const {
    return base == kernels::Base::decimal ? decimal.digits() : 0;
}

std::size_t ExactFibonacci::Plan::scratch_bytes(unsigned workers) const {
    const std::size_t for_value = upper.scratch_bytes(workers);  // the lower one is not longer
    return base == kernels::Base::decimal ? std::max(for_value, decimal.scratch_bytes(workers))
                                          : for_value;
}

uint128 exact_fibonacci_bytes(uint128 n) {
    const ExactQuestion question{{0, n == 0 ? 0 : n - 1}, true};
    return bytes_of(ExactFibonacci::Plan(question, 1), 1);
}

std::size_t ExactFibonacci::check(const ExactQuestion& question, const PoolOptions& options) {
    constexpr std::size_t for_the_engine = std::size_t{64} << 20;
    const unsigned workers = workers_of(options);
    const Plan plan(question, static_cast<int>(workers));
    check_memory(fmt::format("an exact F({})", last_index(question)), bytes_of(plan, workers));
    return static_cast<std::size_t>(shared_bytes(plan)) + for_the_engine;
}

ExactFibonacci::ExactFibonacci(Pool& pool, const ExactQuestion& question)
    : plan_(question, pool.workers()),
      limbs_(pool.array<Limb>(plan_.limbs())),
      text_(pool.array<char>(plan_.text_bytes())) {}

JobReport ExactFibonacci::find(Pool& pool, const JobSettings& settings) {
    JobSettings options = settings;
    options.grain = 1;
    const ExactJob job{plan_, limbs_.span(), text_.span()};
    const auto result = map_reduce(
        pool, Range{0, 1}, job, phases_of(plan_),
        [](const ExactJob& shared, const Chunk&, const PhaseMemory&) {
            return count_limbs(shared);
        },
        std::plus<>{}, options);
    value_ = job.value().first(static_cast<std::size_t>(result.value));
    if (plan_.base == kernels::Base::decimal) {
        decimal_ = plan_.decimal.finish(text_.span(), job.decimal_work());
    }
    return result.report;
}

void ExactFibonacci::for_each_piece(const std::function<void(std::string_view)>& use) const {
    constexpr std::size_t piece_limbs = 1024;
    constexpr std::size_t digits_of_limb = 16;
    constexpr std::size_t piece_digits = piece_limbs * digits_of_limb;
    for (std::size_t at = 0; at < decimal_.size(); at += piece_digits) {
        use(decimal_.substr(at, piece_digits));
    }
    if (plan_.base == kernels::Base::decimal) {
        return;
    }
    if (value_.empty()) {
        use("0");
        return;
    }
    std::array<char, piece_digits> digits;
    std::size_t rest = value_.size();
    for (bool first = true; rest > 0; first = false) {
        const std::size_t limbs = std::min(rest, piece_limbs);
        rest -= limbs;
        const std::span<char> written(digits.data(), limbs * digits_of_limb);
        kernels::write_hexadecimal(value_.subspan(rest, limbs), written);
        std::string_view piece(written.data(), written.size());
        if (first) {
            piece.remove_prefix(piece.find_first_not_of('0'));
        }
        use(piece);
    }
}

}  // namespace pinfold::apps
