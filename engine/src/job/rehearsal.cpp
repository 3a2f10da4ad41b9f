// A rehearsal: the job runs, its results and the arrays are kept, it runs again, and all must be
// the same. What a map reads and overwrites, what it adds to, and what the clock, a random device
// or a static variable give it, is another thing the second time.
//
//     run ─► keep results ─► keep arrays ─► run again ─► compare results, arrays ─► fold
//
// In the second run each chunk starts twice in a row. So a phase that adds to what it leaves, which
// is new and zero in each run, shows in the job's results. And so does a map that counts, in a
// worker that had no chunk in the first run.

#include "job/rehearsal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/phase.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "board/batch_run.hpp"
#include "board/claim_loop.hpp"
#include "job/checks.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::detail {

namespace {

using shm::ArrayBytes;
using shm::SameValue;

constexpr const char* padded_type =
    "whose type may have padding, which differs from run to run: give it `bool operator==(const "
    "T&) const = default;`";

[[noreturn]] void throw_not_repeatable(const std::string& what) {
    throw NotRepeatable(
        "the job is not repeatable: " + what +
        ". A chunk starts again when its worker died, so a map and its phases must not read what "
        "they overwrite, add to what is there, or depend on the clock, on random devices or on "
        "variables that they change");
}

/// Compares values by their bytes, but for their padding.
class Comparison {
  public:
    [[nodiscard]] bool are_same(const std::byte* a, const std::byte* b, std::size_t bytes,
                                SameValue same) {
        return std::memcmp(a, b, bytes) == 0 ||
               (same != nullptr &&
                same(std::memcpy(a_.of(bytes), a, bytes), std::memcpy(b_.of(bytes), b, bytes)));
    }

  private:
    OwnResult a_;
    OwnResult b_;
};

/// Memory of the host's own for `bytes` more, beside what is kept already.
class Copies {
  public:
    /// Throws std::system_error where the program would have no memory left.
    std::unique_ptr<std::byte[]> keep(const std::byte* data, std::size_t bytes) {
        auto copy = room_for(bytes);
        if (bytes != 0) {
            std::memcpy(copy.get(), data, bytes);
        }
        return copy;
    }
    std::unique_ptr<std::byte[]> room_for(std::size_t bytes) {
        // A look at the limits takes some 50 µs; so much every program may have unasked.
        constexpr std::size_t unasked_bytes = std::size_t{1} << 20;
        kept_ += bytes;
        if (kept_ > unasked_bytes) {
            const affinity::MemoryHeadroom headroom = affinity::memory_headroom();
            if (bytes > headroom.bytes) {
                throw std::system_error(
                    ENOMEM, std::generic_category(),
                    "rehearse keeps a copy of the results and of the pool's arrays, here of " +
                        std::to_string(bytes) + " bytes: " + headroom.limit + " leaves " +
                        std::to_string(headroom.bytes));
            }
        }
        return std::make_unique_for_overwrite<std::byte[]>(bytes);
    }

  private:
    std::size_t kept_ = 0;
};

/// What the first run left.
class FirstRun {
  public:
    explicit FirstRun(const JobSpec& spec) : spec_(spec) {}

    void keep_results(const Results& results) {
        is_skipped_.assign(results.count, false);
        note_skipped(results);
        if (spec_.has_slots) {
            keep_slots(results);
        } else {
            results_ = copies_.keep(results.first, results.count * results.stride);
        }
    }

    void keep_arrays(const shm::Arena& arena) {
        std::vector<ArrayBytes> all;
        arena.for_each_array([&](const ArrayBytes& array) { all.push_back(array); });
        std::ranges::sort(all, {}, &ArrayBytes::data);  // the lowest that differs is told
        for (const ArrayBytes& array : all) {
            arrays_.push_back({array, copies_.keep(array.data, array.bytes)});
        }
    }

    /// Throws NotRepeatable for the lowest chunk that gave another value.
    void compare_results(const Results& results) {
        note_skipped(results);
        for (std::uint64_t i = 0; i < results.count; ++i) {
            if (!is_skipped_[i] && !is_same_result(results, i)) {
                const Chunk chunk = spec_.plan[i];
                throw_not_repeatable("chunk " + std::to_string(i) + " [" +
                                     std::to_string(chunk.begin) + ", " + to_decimal(chunk.end) +
                                     ") gave another value when it started again");
            }
        }
    }

    /// Throws NotRepeatable for an array that was left with other elements.
    void compare_arrays(const shm::Arena& arena) {
        std::unordered_map<const std::byte*, std::size_t> bytes_now;
        arena.for_each_array([&](const ArrayBytes& array) { bytes_now[array.data] = array.bytes; });
        for (const auto& [array, copy] : arrays_) {
            const auto now = bytes_now.find(array.data);
            if (now != bytes_now.end() && now->second == array.bytes) {
                compare_array(array, copy.get());
            }
        }
    }

  private:
    struct ArrayCopy {
        ArrayBytes array;
        std::unique_ptr<std::byte[]> bytes;
    };

    /// The slots, and what lies in their blocks, one behind the other.
    void keep_slots(const Results& results) {
        slots_.resize(results.count);
        std::size_t bytes = 0;
        results.for_each([&](std::uint64_t i) {
            slots_[i] = results.at<ResultSlot>(i);
            bytes += slots_[i].has_block() ? slots_[i].bytes : 0;
        });
        blocks_ = copies_.room_for(bytes);
        std::byte* at = blocks_.get();
        results.for_each([&](std::uint64_t i) {
            if (slots_[i].has_block()) {
                std::memcpy(at, slots_[i].block, slots_[i].bytes);
                slots_[i].block = std::exchange(at, at + slots_[i].bytes);
            }
        });
    }

    [[nodiscard]] bool is_same_result(const Results& results, std::uint64_t index) {
        if (spec_.has_slots) {
            return spec_.same_message(slots_[index], results.at<ResultSlot>(index));
        }
        return comparison_.are_same(results_.get() + index * results.stride,
                                    results.first + index * results.stride, spec_.result_bytes,
                                    spec_.same);
    }

    void note_skipped(const Results& results) {
        for (const ChunkFailure& failure : *results.skipped) {
            is_skipped_[failure.chunk.index] = true;
        }
    }

    void compare_array(const ArrayBytes& array, const std::byte* copy) {
        const std::size_t element = array.type.bytes;
        for (std::size_t at = first_difference(array, copy, 0); at < array.bytes;
             at = first_difference(array, copy, at + element)) {
            if (!comparison_.are_same(copy + at, array.data + at, element, array.type.same)) {
                throw_changed(array, at);
            }
        }
    }

    /// The first element from `at` on whose bytes differ, or the array's end.
    static std::size_t first_difference(const ArrayBytes& array, const std::byte* copy,
                                        std::size_t at) {
        const std::byte* const end = copy + array.bytes;
        const auto differs = std::mismatch(copy + at, end, array.data + at).first;
        const auto offset = static_cast<std::size_t>(differs - copy);
        return differs == end ? array.bytes : offset / array.type.bytes * array.type.bytes;
    }

    [[noreturn]] static void throw_changed(const ArrayBytes& array, std::size_t at) {
        const std::size_t element = array.type.bytes;
        std::string what = "the array of " + std::to_string(array.bytes / element) +
                           " elements of " + std::to_string(element) + " bytes at address " +
                           std::to_string(reinterpret_cast<std::uintptr_t>(array.data)) +
                           " has another element " + std::to_string(at / element) +
                           " when all chunks have started again";
        if (array.type.same == shm::detail::cannot_compare) {
            what += std::string(", ") + padded_type;
        }
        throw_not_repeatable(what);
    }

    const JobSpec& spec_;
    Copies copies_;
    Comparison comparison_;
    std::unique_ptr<std::byte[]> results_;
    std::vector<ResultSlot> slots_;
    std::unique_ptr<std::byte[]> blocks_;
    std::vector<bool> is_skipped_;  // in any of the runs
    std::vector<ArrayCopy> arrays_;
};

/// A job that starts each chunk twice. Its bytes are a TwiceJob, the calls of its phases, the job's
/// own call, and the job's own bytes.
struct TwiceJob {
    std::size_t job_at;

    [[nodiscard]] const RowCall* calls() const noexcept {
        return reinterpret_cast<const RowCall*>(this + 1);
    }
};

void run_twice(ChunkRow& row) {
    const auto& twice = row.job_as<TwiceJob>();
    const RowCall call = twice.calls()[row.memory->running()];
    ChunkRow own = row;
    own.job = static_cast<const std::byte*>(row.job) + twice.job_at;
    do {
        ChunkRow one = own;
        one.end = one.at + 1;
        call(one);
        if (own.blocks != nullptr) {
            own.blocks->drop();
        }
        call(one);
    } while (own.go_on_as_it_is());
    row.at = own.at;
    row.is_begun = own.is_begun;
}

/// The second run of a job.
struct SecondRun {
    explicit SecondRun(const JobSpec& of) : settings(*of.settings), spec(of) {
        spec.settings = &settings;
        spec.stream = nullptr;
        const bool is_long = settings.chunk_deadline > decltype(settings.chunk_deadline)::max() / 2;
        settings.chunk_deadline *= is_long ? 1 : 2;
        phases.assign(of.phases.begin(), of.phases.end());
        std::vector<RowCall> calls;
        for (Phase& phase : phases) {
            calls.push_back(std::exchange(phase.call, run_twice));
        }
        calls.push_back(std::exchange(spec.call, run_twice));
        const std::size_t calls_bytes = calls.size() * sizeof(RowCall);
        const std::size_t before = sizeof(TwiceJob) + calls_bytes;
        const std::size_t alignment = of.job_alignment;
        const TwiceJob twice{(before + alignment - 1) / alignment * alignment};
        job.resize(twice.job_at + of.job.size());
        std::memcpy(job.data(), &twice, sizeof(twice));
        std::memcpy(job.data() + sizeof(twice), calls.data(), calls_bytes);
        std::ranges::copy(of.job, job.begin() + static_cast<std::ptrdiff_t>(twice.job_at));
        spec.job = job;
        spec.job_alignment = std::max(alignment, alignof(TwiceJob));
        spec.phases = phases;
    }
    SecondRun(const SecondRun&) = delete;
    SecondRun& operator=(const SecondRun&) = delete;

    JobSettings settings;
    JobSpec spec;
    std::vector<Phase> phases;
    std::vector<std::byte> job;
};

}  // namespace

JobReport rehearse(const RunJob& run, const shm::Arena& arena, const JobSpec& spec,
                   const FoldAll& fold_all) {
    if (spec.same == shm::detail::cannot_compare) {
        throw std::invalid_argument(std::string("rehearse cannot compare the map's results, ") +
                                    padded_type);
    }
    check_journal(spec);
    // Beside other maps, which may write other arrays, or other parts of them, it looks at none.
    const bool is_in_map = inside_map() || inside_worker_process();
    JobSettings settings = *spec.settings;
    settings.journal = {};
    settings.progress = {};
    settings.timeline = nullptr;
    JobSpec first = spec;
    first.settings = &settings;
    first.stream = nullptr;  // a stream's results are compared before they are consumed
    FirstRun kept(spec);
    run(first, [&](const Results& results) { kept.keep_results(results); });
    if (!is_in_map) {
        kept.keep_arrays(arena);
    }
    const SecondRun second(spec);
    return run(second.spec, [&](const Results& results) {
        kept.compare_results(results);
        if (!is_in_map) {
            kept.compare_arrays(arena);
        }
        fold_all(results);
    });
}

}  // namespace pinfold::detail
