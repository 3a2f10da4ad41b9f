#include "jobs.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <numeric>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "report_sums.hpp"

namespace chaos {

namespace {

using pinfold::Chunk;
using pinfold::JobOptions;
using pinfold::map_reduce;
using pinfold::PhaseMemory;
using pinfold::Range;
using pinfold::testing::AtWork;

template <typename R>
JobOptions<R> options_of(const Stage& stage, std::uint64_t grain) {
    JobOptions<R> options;
    options.grain = grain;
    options.max_attempts = 100;  // chance may hit the same chunk again and again
    options.chunk_deadline = stage.chunk_deadline;
    options.timeline = stage.timeline;
    return options;
}

/// Counts the folds of each chunk: a lost or a doubled one shows, also where sums would not.
class FoldedOnce {
  public:
    explicit FoldedOnce(std::uint64_t chunks) : folds_(chunks, 0) {}
    void count(std::uint64_t chunk) { ++folds_.at(chunk); }
    [[nodiscard]] std::string verdict() const {
        const auto wrong = std::find_if(folds_.begin(), folds_.end(), [](int n) { return n != 1; });
        return wrong == folds_.end() ? ""
                                     : "chunk " + std::to_string(wrong - folds_.begin()) +
                                           " was folded " + std::to_string(*wrong) + " times";
    }

  private:
    std::vector<int> folds_;
};

struct Part {
    std::uint64_t chunk;
    std::uint64_t sum;
};

/// A sum of which one chunk in `slow_every` takes a millisecond, if that is not 0.
struct SumJob {
    AtWork* at_work;
    std::uint64_t slow_every;
};

std::string sum_of_a_range(Stage& stage, std::uint64_t end, std::uint64_t grain,
                           std::uint64_t slow_every = 0) {
    FoldedOnce folds((end + grain - 1) / grain);
    std::uint64_t sum = 0;
    const auto result = map_reduce(
        stage.pool, Range{0, end}, SumJob{stage.at_work.data(), slow_every},
        [](const SumJob& job, const Chunk& chunk) {
            job.at_work->note();
            if (job.slow_every != 0 && chunk.index % job.slow_every == job.slow_every / 2) {
                usleep(1000);
            }
            Part part{chunk.index, 0};
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                part.sum += i;
            }
            return part;
        },
        [&](Part, Part part) {
            folds.count(part.chunk);
            sum += part.sum;
            return part;
        },
        options_of<Part>(stage, grain));
    if (sum != end * (end - 1) / 2) {
        return "the sum below " + std::to_string(end) + " is not " + std::to_string(sum);
    }
    return folds.verdict() + what_does_not_add_up(result.report);
}

std::string many_short_chunks(Stage& stage, std::uint64_t seed) {
    return sum_of_a_range(stage, 20'000 + seed % 1000, 1 + seed % 3);
}

// Workers ask each other for leases.
std::string uneven_chunks(Stage& stage, std::uint64_t seed) {
    return sum_of_a_range(stage, 5'000 + seed % 1000, 1, 300 + seed % 100);
}

std::string few_long_chunks(Stage& stage, std::uint64_t seed) {
    return sum_of_a_range(stage, 20'000'000, 700'000 + seed % 1000);
}

struct NoisyJob {
    std::uint64_t seed;
    AtWork* at_work;
};

constexpr auto noisy_map = [](const NoisyJob& job, const Chunk& chunk) {
    job.at_work->note();
    double sum = static_cast<double>(pinfold::chunk_seed(job.seed, chunk.index) >> 11) * 0x1p-53;
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
        sum += std::sin(static_cast<double>(i)) / static_cast<double>(i);
    }
    return sum;
};

constexpr std::uint64_t noisy_end = 100'001;

std::string check_noisy_sum(double value, std::uint64_t seed, std::uint64_t grain) {
    AtWork nobody;
    double expected = 0;
    for (std::uint64_t begin = 1, index = 0; begin < noisy_end; begin += grain, ++index) {
        const std::uint64_t end = std::min(begin + grain, noisy_end);
        expected += noisy_map({seed, &nobody}, Chunk{{begin, end}, index});
    }
    const bool same_bits = std::memcmp(&value, &expected, sizeof value) == 0;
    return same_bits ? "" : "the sum of doubles has other bits";
}

std::string floating_point(Stage& stage, std::uint64_t seed) {
    const std::uint64_t grain = 20 + seed % 100;
    const auto result =
        map_reduce(stage.pool, Range{1, noisy_end}, NoisyJob{seed, stage.at_work.data()}, noisy_map,
                   std::plus<>{}, options_of<double>(stage, grain));
    return check_noisy_sum(result.value, seed, grain) + what_does_not_add_up(result.report);
}

/// A file that is gone at the end of the job.
class TemporaryFile {
  public:
    TemporaryFile() {
        const int file = mkstemp(name_.data());
        if (file < 0) {
            throw std::system_error(errno, std::generic_category(), name_);
        }
        close(file);
    }
    ~TemporaryFile() { unlink(name_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_ = std::filesystem::temp_directory_path() / "pinfold_chaos_XXXXXX";
};

std::string from_a_journal(Stage& stage, std::uint64_t seed) {
    const std::uint64_t grain = 500 + seed % 100;
    const TemporaryFile file;
    auto options = options_of<double>(stage, grain);
    options.journal = {.file = file.name(), .kernel = "noisy sum", .version = seed};
    const auto run = [&] {
        return map_reduce(stage.pool, Range{1, noisy_end}, NoisyJob{seed, stage.at_work.data()},
                          noisy_map, std::plus<>{}, options);
    };
    const auto first = run();
    const std::string wrong =
        check_noisy_sum(first.value, seed, grain) + what_does_not_add_up(first.report);
    const auto again = run();
    if (again.report.attempts != 0) {
        return "a full journal left " + std::to_string(again.report.attempts) + " chunks to run";
    }
    return wrong + check_noisy_sum(again.value, seed, grain) + what_does_not_add_up(again.report);
}

std::string output_of_an_array(Stage& stage, std::uint64_t seed) {
    constexpr std::size_t size = 50'000;
    const auto input = stage.pool.array<std::uint32_t>(size);
    std::iota(input.begin(), input.end(), static_cast<std::uint32_t>(seed));
    const auto output = stage.pool.array<std::uint64_t>(size);
    const pinfold::JobReport report = transform_chunks(
        stage.pool, input, output, stage.at_work.data(),
        [](AtWork* const& at_work, std::span<const std::uint32_t> in, std::span<std::uint64_t> out,
           const Chunk&) {
            at_work->note();
            for (std::size_t i = 0; i < in.size(); ++i) {
                out[i] = std::uint64_t{in[i]} * in[i];
            }
        },
        options_of<pinfold::NoInit>(stage, 20 + seed % 100));
    for (std::size_t i = 0; i < size; ++i) {
        if (output[i] != std::uint64_t{input[i]} * input[i]) {
            return "element " + std::to_string(i) + " of the output is wrong";
        }
    }
    return what_does_not_add_up(report);
}

/// A file that is opened for the job, and an array in another.
std::string files_in_and_out(Stage& stage, std::uint64_t seed) {
    constexpr std::size_t size = 20'000;
    std::vector<std::uint32_t> numbers(size);
    std::iota(numbers.begin(), numbers.end(), static_cast<std::uint32_t>(seed));
    const TemporaryFile in;
    const TemporaryFile out;
    std::ofstream(in.name(), std::ios::binary)
        .write(reinterpret_cast<const char*>(numbers.data()), size * sizeof numbers[0]);
    const auto input = stage.pool.file(in.name()).as<std::uint32_t>();
    const auto output = stage.pool.file_array<std::uint64_t>(out.name(), size);
    const pinfold::JobReport report = transform_chunks(
        stage.pool, input, output, stage.at_work.data(),
        [input](AtWork* const& at_work, std::span<const std::uint32_t> from,
                std::span<std::uint64_t> to, const Chunk&) {
            at_work->note();
            for (std::size_t i = 0; i < to.size(); ++i) {
                to[i] = std::uint64_t{from[i]} * input.span()[0];
            }
        },
        options_of<pinfold::NoInit>(stage, 20 + seed % 100));
    for (std::size_t i = 0; i < size; ++i) {
        if (output[i] != std::uint64_t{numbers[i]} * numbers[0]) {
            return "element " + std::to_string(i) + " of the output file is wrong";
        }
    }
    return what_does_not_add_up(report);
}

std::string phases(Stage& stage, std::uint64_t seed) {
    constexpr std::uint64_t n = 20'000;
    const auto options = options_of<std::uint64_t>(stage, 10 + seed % 20);
    pinfold::Phases<AtWork*> phases;
    phases.add({.range = {0, n}, .grain = 10 + seed % 30, .bytes = n * sizeof(std::uint64_t)},
               [](AtWork* const& at_work, const Chunk& chunk, const PhaseMemory& memory) {
                   at_work->note();
                   for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                       memory.of<std::uint64_t>(0)[i] = i + 1;
                   }
               });
    phases.add({.range = {0, n}, .grain = 10 + seed % 50, .bytes = n * sizeof(std::uint64_t)},
               [](AtWork* const& at_work, const Chunk& chunk, const PhaseMemory& memory) {
                   at_work->note();
                   for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                       memory.of<std::uint64_t>(1)[i] = 2 * memory.of<std::uint64_t>(0)[n - 1 - i];
                   }
               });
    const auto result = map_reduce(
        stage.pool, Range{0, n}, stage.at_work.data(), phases,
        [](AtWork* const& at_work, const Chunk& chunk, const PhaseMemory& memory) {
            at_work->note();
            std::uint64_t sum = 0;
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                sum += memory.of<std::uint64_t>(1)[i];
            }
            return sum;
        },
        std::plus<>{}, options);
    return result.value == n * (n + 1) ? what_does_not_add_up(result.report)
                                       : "the phases left a wrong sum";
}

/// Some chunks have no value: they are left out, each with its own reason, and no others.
std::string chunks_that_throw(Stage& stage, std::uint64_t seed) {
    const std::uint64_t end = 2000 + seed % 500;
    JobOptions<std::uint64_t> options = options_of<std::uint64_t>(stage, 1);
    options.on_poison = pinfold::OnPoison::skip;
    const auto result = map_reduce(
        stage.pool, Range{0, end}, stage.at_work.data(),
        [](AtWork* const& at_work, const Chunk& chunk) -> std::uint64_t {
            at_work->note();
            if (chunk.index % 5 == 3) {
                throw std::domain_error("no value for " + std::to_string(chunk.index));
            }
            return 1;
        },
        std::plus<>{}, options);
    for (std::uint64_t i = 0; i < result.report.skipped.size(); ++i) {
        const pinfold::ChunkFailure& skipped = result.report.skipped[i];
        if (skipped.chunk.index != 5 * i + 3 ||
            skipped.exception_text != "no value for " + std::to_string(5 * i + 3)) {
            return "chunk " + std::to_string(skipped.chunk.index) + " was skipped by '" +
                   skipped.exception_text + "'";
        }
    }
    const bool is_right = result.value + result.report.skipped.size() == end &&
                          result.report.skipped.size() == (end + 1) / 5;
    return is_right ? what_does_not_add_up(result.report) : "chunks without a value were lost";
}

std::string jobs_in_maps(Stage& stage, std::uint64_t seed) {
    constexpr std::uint64_t end = 100;
    const auto result = map_reduce(
        stage.pool, Range{0, end}, stage.at_work.data(),
        [](AtWork* const& at_work, const Chunk& chunk) {
            at_work->note();
            pinfold::Pool own({.arena_bytes = std::size_t{1} << 20});  // runs serially inside a map
            return map_reduce(
                       own, Range{0, 100}, chunk.begin,
                       [](const std::uint64_t& of, const Chunk& c) {
                           return of * static_cast<std::uint64_t>(c.size());
                       },
                       std::plus<>{})
                .value;
        },
        std::plus<>{}, options_of<std::uint64_t>(stage, 1));
    const bool is_right = result.value == 100 * (end * (end - 1) / 2);
    return is_right ? what_does_not_add_up(result.report)
                    : "jobs in maps left a wrong sum, seed " + std::to_string(seed);
}

constexpr std::array<Shape, 13> single_shapes{many_short_chunks, few_long_chunks,    uneven_chunks,
                                              floating_point,    output_of_an_array, phases,
                                              files_in_and_out,  from_a_journal,     jobs_in_maps,
                                              chunks_that_throw, folded_texts,       streamed_texts,
                                              gathered_numbers};

std::string several_at_once(Stage& stage, std::uint64_t seed) {
    std::mutex mutex;
    std::string wrong;
    std::exception_ptr thrown;
    std::vector<std::jthread> hosts;
    for (std::uint64_t host = 0; host < 3; ++host) {
        hosts.emplace_back([&, host] {
            try {
                const Shape shape = single_shapes[(seed + host) % single_shapes.size()];
                const std::string text = shape(stage, seed + host);
                const std::scoped_lock lock(mutex);
                wrong += text;
            } catch (...) {
                const std::scoped_lock lock(mutex);
                thrown = std::current_exception();
            }
        });
    }
    hosts.clear();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return wrong;
}

constexpr std::array<Shape, 14> shapes{many_short_chunks, few_long_chunks,    uneven_chunks,
                                       floating_point,    output_of_an_array, phases,
                                       files_in_and_out,  from_a_journal,     jobs_in_maps,
                                       chunks_that_throw, folded_texts,       streamed_texts,
                                       gathered_numbers,  several_at_once};

}  // namespace

std::span<const Shape> all_shapes() {
    return shapes;
}

}  // namespace chaos
