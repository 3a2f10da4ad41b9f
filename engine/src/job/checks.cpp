#include "job/checks.hpp"

#include <cerrno>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/engine/environment.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "board/claim_loop.hpp"
#include "journal/journal_file.hpp"
#include "timeline/timeline_store.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::detail {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool under_address_sanitizer = true;
#elif defined(__has_feature)
constexpr bool under_address_sanitizer = __has_feature(address_sanitizer);
#else
constexpr bool under_address_sanitizer = false;
#endif

void need_processes(bool wanted, const char* option, ChosenCrew chosen) {
    if (wanted && chosen.crew != Crew::processes) {
        throw std::invalid_argument(std::string(option) + " needs the crew 'processes', not '" +
                                    std::string(to_string(chosen.crew)) + "'" +
                                    (chosen.by_environment ? ", which PINFOLD_CREW says" : ""));
    }
}

void not_negative(std::chrono::nanoseconds value, const char* option) {
    if (value.count() < 0) {
        throw std::invalid_argument(std::string(option) +
                                    " is negative: " + std::to_string(value.count()) + " ns");
    }
}

/// Refuses results that take more than the pool's arena will have. The arena itself would say so
/// when the job comes to it.
void check_results(const PoolOptions& options, const JobSpec& spec) {
    const uint128 bytes = uint128{spec.plan.size()} * spec.result_bytes;
    const auto refuse = [&](std::size_t left, const std::string& by) {
        throw std::system_error(ENOMEM, std::generic_category(),
                                "the job's results take " + to_decimal(bytes) + " bytes: " + by +
                                    " leaves " + std::to_string(left));
    };
    if (options.arena_bytes != 0 && bytes > options.arena_bytes) {
        refuse(options.arena_bytes, "arena_bytes");
    }
    // A look at the limits takes some 50 µs; so much every program may have unasked.
    constexpr std::size_t unasked_bytes = std::size_t{1} << 20;
    if (bytes > unasked_bytes) {
        const affinity::MemoryHeadroom headroom = affinity::memory_headroom();
        if (bytes > headroom.bytes) {
            refuse(headroom.bytes, headroom.limit);
        }
    }
}

void check_options(const PoolOptions& options, ChosenCrew crew) {
    if (options.crew != Crew::serial && options.crew != Crew::threads &&
        options.crew != Crew::processes) {
        throw std::invalid_argument("crew is " + std::to_string(static_cast<int>(options.crew)) +
                                    ", which is none of Crew");
    }
    if (options.workers < 0 || options.workers > max_workers) {
        throw std::invalid_argument("workers " + std::to_string(options.workers) +
                                    " is outside 1 to " + std::to_string(max_workers) +
                                    " (0 takes one for each core)");
    }
    if (options.task_slots < 1 || options.task_slots > most_task_slots) {
        throw std::invalid_argument("task_slots " + std::to_string(options.task_slots) +
                                    " is outside 1 to " + std::to_string(most_task_slots));
    }
    need_processes(options.worker_memory_limit != 0, "worker_memory_limit", crew);
    if (options.worker_memory_limit != 0 && under_address_sanitizer) {
        throw std::invalid_argument(
            "worker_memory_limit " + std::to_string(options.worker_memory_limit) +
            " cannot be kept under AddressSanitizer, which needs terabytes of address space");
    }
    need_processes(static_cast<bool>(options.initializer), "initializer", crew);
    need_processes(options.max_chunks_per_worker != 0, "max_chunks_per_worker", crew);
}

}  // namespace

ChosenCrew crew_here(ChosenCrew wanted) noexcept {
    return inside_worker_process() || inside_map() ? ChosenCrew{Crew::serial} : wanted;
}

void check_before_start(const PoolOptions& given, const JobSpec& spec) {
    const CheckedOptions checked = checked_options(given);
    const ChosenCrew here = crew_here(checked.crew);
    check_job(spec, here);
    check_look_ahead(spec);
    if (here.crew != Crew::serial) {
        check_results(checked.options, spec);
        // Opened and let go: it is opened again when the job runs. It leaves no file of its own.
        static_cast<void>(open_journal(spec));
    }
}

void check_settings(const JobSettings& settings, ChosenCrew crew) {
    if (settings.max_attempts < 1 || settings.max_attempts > most_attempts) {
        throw std::invalid_argument("max_attempts " + std::to_string(settings.max_attempts) +
                                    " is outside 1 to " + std::to_string(most_attempts));
    }
    not_negative(settings.chunk_set_up, "chunk_set_up");
    not_negative(settings.chunk_deadline, "chunk_deadline");
    not_negative(settings.deadline, "deadline");
    if (settings.journal.sync_interval.count() < 0) {
        throw std::invalid_argument("sync_interval is negative: " +
                                    std::to_string(settings.journal.sync_interval.count()) + " ms");
    }
    if (settings.on_poison != OnPoison::fail && settings.on_poison != OnPoison::skip) {
        throw std::invalid_argument("on_poison is " +
                                    std::to_string(static_cast<int>(settings.on_poison)) +
                                    ", neither OnPoison::fail nor OnPoison::skip");
    }
    need_processes(settings.chunk_deadline.count() != 0, "chunk_deadline", crew);
    need_processes(settings.kill, "kill", crew);
    if (settings.timeline != nullptr) {
        TimelineOf::store(*settings.timeline).check_process();
    }
}

void check_look_ahead(const JobSpec& spec) {
    if (spec.settings->look_ahead != 0 && spec.stream == nullptr) {
        throw std::invalid_argument("look_ahead " + std::to_string(spec.settings->look_ahead) +
                                    " means nothing to this job: it is for stream() and gather()");
    }
}

void check_job(const JobSpec& spec, ChosenCrew crew) {
    check_settings(*spec.settings, crew);
    check_journal(spec);
}

void check_journal(const JobSpec& spec) {
    if (spec.has_slots && !spec.settings->journal.file.empty()) {
        throw std::invalid_argument(
            "a journal keeps results of one size, in slots of a file, and this map's results have "
            "any size (a std::string, a std::vector): run the job without the journal " +
            spec.settings->journal.file + ", or return a struct of fixed size");
    }
}

CheckedOptions checked_options(const PoolOptions& given) {
    CheckedOptions checked{with_environment(given), {}, {}};
    checked.crew = {checked.options.crew, given.crew == Crew::automatic};
    check_options(checked.options, checked.crew);
    if (checked.options.workers != given.workers) {
        checked.placed_by += "; PINFOLD_WORKERS is " + std::to_string(checked.options.workers);
    }
    if (given.pin.empty() && checked.options.pin != "cores") {
        checked.placed_by += "; PINFOLD_PIN is " + checked.options.pin;
    }
    return checked;
}

void check_in_arena(const Pool& pool, const char* what, const void* data, std::size_t size,
                    std::size_t element_bytes) {
    const bool has_bytes = size <= static_cast<std::size_t>(-1) / element_bytes;
    if (size != 0 && !(has_bytes && lies_in_arena(pool, data, size * element_bytes))) {
        const std::string file = shm::path_of_file_at(data);
        throw std::invalid_argument(
            std::string(what) +
            (file.empty() ? " does not lie in the pool's arena; take it from pool.array()"
                          : " lies in the file " + file +
                                ": give the File itself, or its as<T>(), in place of a span"));
    }
}

void check_sizes(const Range& input, std::size_t output_size) {
    if (input.size() != output_size) {
        throw std::invalid_argument("the input has " + to_decimal(input.size()) +
                                    " elements, the output " + std::to_string(output_size));
    }
}

void check_numbers(const Range& input, std::uint64_t highest) {
    if (input.end > uint128{highest} + 1) {
        throw std::invalid_argument("the range ends at " + to_decimal(input.end) +
                                    ", and the function takes numbers up to " +
                                    std::to_string(highest) + ": let it take a std::uint64_t");
    }
}

void check_overlap(std::span<const std::byte> input, std::span<const std::byte> output) {
    const bool overlap =
        output.data() < input.data() + input.size() && input.data() < output.data() + output.size();
    if (!input.empty() && (overlap || shm::overlap_in_a_file(input, output))) {
        throw std::invalid_argument(
            "the output overlaps the input, which a chunk that runs again would read changed");
    }
}

}  // namespace pinfold::detail
