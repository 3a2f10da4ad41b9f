#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/journal_options.hpp>
#include <pinfold/engine/limits.hpp>
#include <stop_token>
#include <string>
#include <string_view>

namespace pinfold {

class Timeline;

/// How a pool's workers come to exist.
enum class Crew {
    serial,     ///< the calling thread alone
    threads,    ///< threads of a TBB arena; a crash of a map ends the program
    processes,  ///< forked processes; a crash of a map costs the time of its chunk
    automatic,  ///< what PINFOLD_CREW says, else processes; no pool's crew() is this
};

/// "serial", "threads", "processes" or "automatic".
[[nodiscard]] PINFOLD_API std::string_view to_string(Crew crew) noexcept;

/// The crew of that name, which a pool can have. For any other text throws std::invalid_argument
/// that lists the names.
[[nodiscard]] PINFOLD_API Crew parse_crew(std::string_view name);

/// What a Pool is made with. The defaults suit a machine that runs nothing else. Variables of the
/// environment fill `crew`, `workers` and `pin` where they are left at these; see environment.hpp.
struct PoolOptions {
    Crew crew = Crew::automatic;

    /// How many workers, at most max_workers. 0 takes what PINFOLD_WORKERS says, else one per
    /// usable physical core. Crew::serial runs as one worker, whatever this says.
    int workers = 0;

    /// Where workers run: "cores", "compact" or "scatter", which "@numa:N" may follow; "none"; or a
    /// list of CPUs such as "0,2,4-7". Empty takes what PINFOLD_PIN says, else "cores". See
    /// docs/architecture.md.
    std::string pin{};

    /// Address space for the pool's arrays. 0 takes as much as the machine has memory. Only what is
    /// used takes memory.
    std::size_t arena_bytes = 0;

    /// Advise huge pages for all of the pool's arrays of 2 MiB or more; see
    /// ArrayOptions::huge_pages.
    bool huge_pages = false;

    /// The private memory in bytes that a worker may add to what it inherited; 0 is no limit. A map
    /// that needs more gets std::bad_alloc; its chunk runs again in a fresh worker, which takes the
    /// place of this one. Only for Crew::processes, and not under AddressSanitizer.
    std::size_t worker_memory_limit = 0;

    /// Called once in every new worker, before its first chunk. When it throws or crashes, the
    /// worker is started again a few times; then the pool is broken. Only for Crew::processes.
    std::function<void()> initializer{};

    /// How many chunks and tasks a worker runs before a new one takes its place; 0 is no limit. It
    /// may run up to a batch of short chunks more. That bounds what a leaking map can hold. Only
    /// for Crew::processes.
    std::uint64_t max_chunks_per_worker = 0;

    /// How many tasks that the program submits may be pending or running at a time, 1 to
    /// most_task_slots; a submit waits for room. Each that was ever in use takes some 256 bytes of
    /// shared memory. A worker has 64 more for its own.
    int task_slots = 4096;

    /// How many Processes of the pool can live at a time, at most most_processes. Each place takes
    /// some 400 bytes of shared memory, and 1 KiB when it was in use.
    int processes = 128;

    /// How many threads, of all processes, can use the pool's shared objects at a time, at most
    /// most_seats. 0 takes as many as there are workers and `processes`, and 1000 more. Each that
    /// was ever in use takes 320 bytes of shared memory.
    int seats = 0;
};

/// Where the pages of an array lie on a machine with several NUMA nodes.
struct Pages {
    enum class Kind : std::uint8_t { spread, interleaved, first_touch, on_node };

    Kind kind = Kind::spread;
    int node = 0;  ///< of Kind::on_node

    /// Each node has the part of the array whose chunks its own workers run first: a share by its
    /// number of workers. The default. For arrays that jobs run over from end to end.
    static const Pages spread;

    /// One page after the other from each node that has workers. For arrays that all workers read
    /// at random places.
    static const Pages interleaved;

    /// Each page on the node of the worker that touches it first. It is brought in by that worker,
    /// and not by Pool::array().
    static const Pages first_touch;

    /// All on one node, by its number in `pinfold topo`: also one that has memory alone.
    static constexpr Pages on_node(int node) noexcept { return {Kind::on_node, node}; }

    friend bool operator==(const Pages&, const Pages&) noexcept = default;
};
inline constexpr Pages Pages::spread{Kind::spread};
inline constexpr Pages Pages::interleaved{Kind::interleaved};
inline constexpr Pages Pages::first_touch{Kind::first_touch};

/// How an array of 1 MiB or more lies in memory. Smaller ones share pages with others, and ignore
/// this. What the system refuses changes the speed alone; JobReport::pages says so.
///
///     pinfold::Pool pool;
///     const auto table = pool.array<double>(1'000'000, {.pages = pinfold::Pages::interleaved});
///     assert(table[999'999] == 0);
struct ArrayOptions {
    Pages pages = Pages::spread;

    /// Advise huge pages. They spare the workers most of the page faults of an array's first use,
    /// where the system allows them for shared memory: "advise" in
    /// /sys/kernel/mm/transparent_hugepage/shmem_enabled. Elsewhere pages have their usual size.
    bool huge_pages = false;
};

/// What happens to a job with a chunk that used up its attempts, or whose map threw.
enum class OnPoison {
    fail,  ///< the job ends with JobFailed

    /// The job finishes without the chunk, and its report lists it. Not for a phase's chunk, and
    /// not for one whose result found the pool's heap full, which is no fault of the chunk's.
    skip,
};

/// How far a job is; see JobSettings::progress.
struct Progress {
    std::uint64_t chunks_done = 0;   ///< of all phases
    std::uint64_t chunks_total = 0;  ///< of all phases
};

/// The init of a call that has none among its options.
struct NoInit {
    friend constexpr bool operator==(NoInit, NoInit) noexcept = default;
};

/// What a single job is run with. A call takes the names in braces: `{.grain = 4096, .init = 1.0}`.
template <typename R = NoInit>
struct JobOptions {
    /// Integers or elements per chunk; 0 takes the default: about 4096 chunks, and fewer where
    /// results are large. See default_grain().
    std::uint64_t grain = 0;

    /// The extra cost of a cold chunk: one whose predecessor ran on another worker. For maps that
    /// go on where the chunk before them ended. Workers then take enough chunks in a row to make
    /// up for it. A hint: the value does not depend on it.
    std::chrono::nanoseconds chunk_set_up{0};

    /// How often a chunk may be started, 1 to most_attempts. A chunk whose last attempt ends in a
    /// death is poison.
    int max_attempts = 3;

    OnPoison on_poison = OnPoison::fail;

    /// How long a chunk may run; zero is no deadline. A chunk that runs longer is killed with its
    /// worker, and that counts as an attempt. Only for Crew::processes.
    std::chrono::nanoseconds chunk_deadline{0};

    /// How long the job may run; zero is no deadline. A job that runs longer ends with Timeout. It
    /// waits for the chunks that have started, unless `kill` is set.
    std::chrono::nanoseconds deadline{0};

    /// A stop request ends the job with Cancelled, in the same way.
    std::stop_token stop{};

    /// Whether a stop or the deadline kills the workers that run this job's chunks, rather than
    /// wait for them. Only for Crew::processes.
    bool kill = false;

    /// Keeps the results of chunks in a file; see JournalOptions.
    JournalOptions journal{};

    /// Called in the calling thread about ten times a second, and once at the end.
    std::function<void(const Progress&)> progress{};

    /// Records when each chunk ran, and where. It outlives the job; see timeline.hpp.
    Timeline* timeline = nullptr;

    /// Runs the job twice, and compares: for tests. Whatever depends on the clock or on variables
    /// that the map changes, and whatever reads what it overwrites, throws NotRepeatable then,
    /// before a death makes a chunk start again. Results and the elements of all the pool's arrays
    /// must be the same, but for their padding. So nobody else may write them meanwhile; in a job
    /// inside a map the arrays are not looked at.
    ///
    /// The first run has no journal, no progress and no timeline; in the second, chunks start twice
    /// in a row, and have twice the `chunk_deadline`. Each run has the whole `deadline`. Memory: a
    /// copy of all results and arrays, for which it throws std::system_error where there is too
    /// little. Throws std::invalid_argument for a type of result that cannot be compared: one with
    /// padding and without ==, of some compilers.
    bool rehearse = false;

    /// Of stream() and gather(): how many chunks, at most, workers begin beyond the ones whose
    /// results were consumed. So many results are held, and no more. 0 takes the default: 256.
    /// Refused elsewhere.
    std::uint64_t look_ahead = 0;

    /// What the fold of map_reduce() starts from. Calls that take their init as an argument, and
    /// those without a value, have none here.
    [[no_unique_address]] R init{};
};

/// The options of a call that has no init, or has it elsewhere.
using JobSettings = JobOptions<>;

}  // namespace pinfold
