#include "pool_core.hpp"

#include <unistd.h>

#include <array>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <pinfold/shm/file_array.hpp>
#include <pinfold/shm/file_space.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <stdexcept>

#include "board/boards.hpp"
#include "clock.hpp"
#include "futures/host_client.hpp"
#include "futures/serial_client.hpp"
#include "futures/worker_client.hpp"
#include "job/checks.hpp"
#include "job/job_run.hpp"
#include "job/job_work.hpp"
#include "job/serial_job.hpp"
#include "machine.hpp"
#include "pool_memory.hpp"
#include "shared/space_core.hpp"
#include "shared/space_estate.hpp"
#include "tasks/task_memory.hpp"
#include "tasks/task_work.hpp"
#include "tree/crew.hpp"
#include "tree/worker_process.hpp"
#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

std::vector<affinity::Placement> place_workers(const PoolOptions& options, Crew crew) {
    const affinity::PinPolicy policy = affinity::parse_pin_policy(options.pin);
    const affinity::Topology topology = this_machine()->topology;
    int workers = options.workers;
    if (crew == Crew::serial) {
        workers = 1;
    } else if (workers == 0) {
        workers = affinity::default_workers(topology, affinity::usable_cpus(topology), policy);
    }
    return affinity::place(topology, policy, workers);
}

/// An arena for the pool's space, of which arrays have what the options say.
shm::ArenaOptions arena_options(const PoolOptions& options, const SpaceLimits& limits) {
    shm::ArenaOptions arena = space_arena(options.arena_bytes, limits);
    arena.huge_pages = options.huge_pages;
    return arena;
}

std::vector<affinity::Placement> place_workers(const CheckedOptions& checked, Crew crew) {
    try {
        return place_workers(checked.options, crew);
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(e.what() + checked.placed_by);
    }
}

}  // namespace

/// What a pool with workers has beside its arena.
struct PoolCore::Workers {
    Workers(BlockSource& blocks, shm::Heap* arena_heap, SpaceCore& space,
            const std::vector<affinity::Placement>& placements, const WorkerNodes& nodes,
            pid_t owner, bool workers_may_die, std::uint32_t task_slots)
        : memory(workers_may_die ? blocks : heap, placements, nodes, owner, arena_heap),
          boards(memory.boards(), blocks, workers_may_die),
          task_memory(memory.workforce(), task_slots, arena_heap, workers_may_die),
          tasks(task_memory.table()),
          jobs(memory.boards()),
          works{&tasks, &jobs},
          estate(space.roster()) {
        memory.boards().runners = tasks.runners();
    }

    /// The workers' own clients, for those who use `arena`. Before the crew's birth.
    void prepare_clients(Crew of_crew, const std::shared_ptr<shm::Arena>& arena) {
        for (WorkerNumber w = 0; w < memory.workforce().workers.size(); ++w) {
            prepare_worker_client(*tasks.runners()[w], of_crew, arena);
        }
    }

    /// After the crew's end. What worker processes had went with them.
    void close_clients() noexcept {
        for (WorkerNumber w = 0; w < memory.workforce().workers.size(); ++w) {
            close_worker_client(*tasks.runners()[w]);
        }
    }

    HeapBlocks heap;
    PoolMemory memory;
    Boards boards;
    TaskMemory task_memory;
    TaskWork tasks;
    JobWork jobs;
    std::array<Work*, 2> works;  // tasks first: see TaskWork
    SpaceEstate estate;
    std::unique_ptr<CrewOfWorkers> crew;
    std::optional<shm::ClosedFileNotice> closed_files;  // idle workers are woken to let go of them
};

PoolCore::PoolCore(const PoolOptions& given) : PoolCore(checked_options(given)) {}

PoolCore::PoolCore(const CheckedOptions& checked)
    : began_ns_(now_ns()),
      owner_(getpid()),
      owner_mark_(shm::mark_of_this_process()),
      crew_(crew_here(checked.crew)),
      placements_(place_workers(checked, crew_.crew)),
      nodes_(worker_nodes(placements_, this_machine()->topology)),
      placer_(std::make_unique<PagePlacer>(nodes_, this_machine()->topology)),
      limits_(checked_limits(placements_.size(), checked.options.processes, checked.options.seats)),
      birthplace_(crew_.crew == Crew::processes
                      ? std::make_unique<OwnThread>([this] { code_.emplace(); })
                      : nullptr),
      arena_(std::make_shared<shm::Arena>(arena_options(checked.options, limits_))),
      arena_blocks_(arena_, placer_.get()),
      space_(std::make_shared<SpaceCore>(arena_, limits_)) {
    spinners_ = spinners(placements_.size(), this_machine()->mask.size());
    if (crew_.crew != Crew::serial) {
        start_workers(checked.options);
        tasks_ = make_host_client({.crew = crew_.crew,
                                   .workers = *workers_->crew,
                                   .tasks = workers_->task_memory.table(),
                                   .arena = arena_,
                                   .spinners = spinners_,
                                   .check_code = [this](const void* code) { check_code(code); }});
    } else {
        tasks_ = std::make_shared<SerialClient>(arena_);
    }
    seconds_ = static_cast<double>(now_ns() - began_ns_) * 1e-9;
}

void PoolCore::start_workers(const PoolOptions& options) {
    if (placements_.front().cpu >= 0) {
        affinity::require_binding();
    }
    const bool are_processes = crew_.crew == Crew::processes;
    if (are_processes) {
        // For files that are opened later. Where addresses are too few, open_file() says so.
        static_cast<void>(shm::reserve_file_space());
    }
    workers_ = std::make_unique<Workers>(arena_blocks_, arena_->heap(), *space_, placements_,
                                         nodes_, owner_, are_processes,
                                         static_cast<std::uint32_t>(options.task_slots));
    workers_->prepare_clients(crew_.crew, arena_);
    Workforce& workforce = workers_->memory.workforce();
    if (!are_processes) {
        workers_->crew = make_thread_crew(workforce, workers_->works);
        workers_->task_memory.table().crew = workers_->crew.get();
        return;
    }
    workers_->crew = make_process_crew(workforce, workers_->works,
                                       {.initializer = options.initializer,
                                        .worker_memory_limit = options.worker_memory_limit,
                                        .max_chunks_per_worker = options.max_chunks_per_worker,
                                        .spinners = spinners_,
                                        .estate = &workers_->estate},
                                       *birthplace_);
    birthplace_.reset();
    space_->set_supervisor({workers_->crew->process_of_workers(),
                            [&tree = workforce.tree] { return tree.supervisor.is_cut(); }});
    workers_->closed_files.emplace([&workforce] { workforce.work.ring(); });
}

// The destructor of the crew ends the workers; in a forked child they are somebody else's.
PoolCore::~PoolCore() {
    if (getpid() != owner_) {
        job_threads_.leave_to_parent();
        static_cast<void>(workers_ ? workers_->crew.release() : nullptr);
        return;
    }
    job_threads_.end();
    if (!workers_) {
        tasks_->shutdown(Shutdown::wait);  // a Batch may outlive the pool
        tasks_->end_callbacks();
    } else {
        auto& host = static_cast<HostClient&>(*tasks_);
        host.begin_close();
        workers_->closed_files.reset();
        space_->forget_supervisor();
        workers_->crew.reset();
        workers_->close_clients();
        host.close();
    }
}

// Inside a worker of any pool that worker's. A thread that a task started has none.
TaskClient& PoolCore::task_client() const {
    if (TaskClient* const of_worker = worker_client_here()) {
        return *of_worker;
    }
    check_owner();
    return *tasks_;
}

void PoolCore::start_job(const std::shared_ptr<FutureState>& state, JobThreads::Job job) {
    const bool is_in_map = inside_map() || inside_worker_process();
    task_client().adopt(*state);
    if (is_in_map || crew_.crew == Crew::serial) {
        job(std::stop_token());
    } else {
        job_threads_.start(state, std::move(job));
    }
}

KeyedTurns* PoolCore::keyed_turns() {
    const bool is_alone = crew_.crew == Crew::serial || inside_map() || inside_worker_process();
    return is_alone ? nullptr : &keyed_turns_;
}

SpaceCore& PoolCore::space() const {
    check_owner();
    return *space_;
}

void PoolCore::check_owner() const {
    if (!owner_mark_.holds()) {
        throw std::logic_error(
            "a Pool was used in a child process, which has no workers: made in pid " +
            std::to_string(owner_) + ", used in " + std::to_string(getpid()));
    }
}

void PoolCore::check_code(const void* function) const {
    if (function == nullptr) {
        throw std::invalid_argument("the map is a null pointer to a function");
    }
    if (code_) {
        code_->require(function);
    }
}

void PoolCore::check_maps(const JobSpec& spec) const {
    check_code(reinterpret_cast<const void*>(spec.call));
    for (const Phase& phase : spec.phases) {
        check_code(reinterpret_cast<const void*>(phase.call));
    }
}

shm::File PoolCore::open_file(const std::string& path) const {
    check_owner();
    return shm::File(path);
}

shm::detail::FileOwner PoolCore::open_array(const std::string& path, std::size_t size,
                                            std::size_t element_bytes) const {
    check_owner();
    shm::detail::FileOwner opened = shm::detail::open_array(path, size, element_bytes);
    placer_->place_file(opened.path(),
                        {shm::detail::data_of(opened.record()), size * element_bytes});
    return opened;
}

shm::BlockPages PoolCore::pages_for(const ArrayOptions& options) const {
    check_owner();
    return placer_->pages_for(options);
}

pid_t PoolCore::process_of_workers() const noexcept {
    return workers_ ? workers_->crew->process_of_workers() : 0;
}

JobReport PoolCore::run(const JobSpec& spec, const FoldAll& fold_all) {
    JobReport report = run_job(spec, fold_all);
    report.pool_seconds = seconds_;
    if (placer_->has_asked()) {
        report.pages = placer_->report();
    }
    return report;
}

JobReport PoolCore::run_job(const JobSpec& spec, const FoldAll& fold_all) {
    const JobSettings& settings = *spec.settings;
    check_job(spec, crew_);
    const bool is_in_map = inside_map() || inside_worker_process();
    if (!is_in_map) {
        check_owner();
    }
    if (is_in_map) {
        return run_serially(spec, fold_all);
    }
    if (crew_.crew == Crew::serial) {
        const RunsHere here(*tasks_);
        return run_serially(spec, fold_all);
    }
    check_maps(spec);
    const std::int64_t began_ns = now_ns();
    std::uint64_t consumed = 0;
    {
        JobRun run(workers_->boards, spec, crew_.crew);
        bool has_ended = false;
        try {
            has_ended = wait_for_end(run);
        } catch (...) {
            run.abandon();
            leave_board(run, settings);
            throw;
        }
        if (!has_ended) {
            run.abandon();
            consumed = run.consumed();
        }
        leave_board(run, settings);
        if (has_ended) {
            return run.settle(fold_all);
        }
    }
    return run_instead_of_workers(spec, fold_all, now_ns() - began_ns, consumed);
}

/// A chunk that a worker began at the last moment starts once more. A stream goes on behind what
/// was consumed.
JobReport PoolCore::run_instead_of_workers(const JobSpec& spec, const FoldAll& fold_all,
                                           std::int64_t waited_ns, std::uint64_t consumed) const {
    workers_->crew->note_standstill();
    JobSettings settings = *spec.settings;
    if (settings.deadline.count() != 0) {
        const auto left = settings.deadline - std::chrono::nanoseconds(waited_ns);
        settings.deadline = std::max(left, std::chrono::nanoseconds(1));
    }
    JobSpec here = spec;
    here.settings = &settings;
    if (spec.stream == nullptr) {
        return run_serially(here, fold_all);
    }
    StreamSpec rest = *spec.stream;
    rest.consumed = consumed;
    here.stream = &rest;
    return run_serially(here, fold_all);
}

// Of a stream: returns whether anything was consumed. What that opened is called for.
bool PoolCore::consume(JobRun& run) const {
    const bool consumed = run.consume();
    if (consumed) {
        if (const std::uint64_t opened = run.chunks_to_take(); opened != 0) {
            workers_->crew->call(opened, run.has_chunk_deadline());
        }
    }
    return consumed;
}

// Returns false when the workers cannot be waited for; see CrewOfWorkers.
bool PoolCore::wait_for_end(JobRun& run) const {
    CrewOfWorkers& crew = *workers_->crew;
    const std::uint64_t workers = placements_.size();
    std::int64_t since_ns = now_ns();
    const auto is_stranded = [&] {
        return crew_.crew == Crew::threads && !run.is_worked_on() &&
               crew.leaves_it_to_host(std::chrono::nanoseconds(now_ns() - since_ns));
    };
    const auto sleep = [&] {
        const bool may_be_stranded = crew_.crew == Crew::threads && !run.is_worked_on();
        run.sleep(may_be_stranded ? look_for_standstill : wait_slice);
    };
    while (!run.try_open()) {
        if (run.look()) {
            return true;
        }
        if (is_stranded()) {
            return false;
        }
        crew.check();
        sleep();
    }
    const std::uint64_t called_for = run.chunks_to_take();
    crew.call(called_for, run.has_chunk_deadline());
    if (spinners_ == Spinners::everybody) {
        spin_until([&] { return run.has_news(); });
    }
    for (int sleeps = 0; !run.look(); ++sleeps) {
        if (consume(run)) {
            since_ns = now_ns();
            continue;
        }
        if (is_stranded()) {
            return false;
        }
        crew.check();
        // Who was called may be stopped, or its CPU be taken by something else: then all are.
        if (sleeps == 1 && called_for < workers && run.workers_that_came() < called_for) {
            crew.call(workers, run.has_chunk_deadline());
        }
        sleep();
    }
    return true;
}

// Maps that have started may still be running.
void PoolCore::leave_board(JobRun& run, const JobSettings& settings) const {
    CrewOfWorkers& crew = *workers_->crew;
    if (run.close()) {
        return;
    }
    if (settings.kill) {
        crew.kill_marked();
    }
    while (!run.close()) {
        crew.check();
        run.sleep();
    }
}

}  // namespace pinfold::detail
