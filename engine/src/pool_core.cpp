#include "pool_core.hpp"

#include <unistd.h>

#include <algorithm>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <set>
#include <stdexcept>

#include "board/claim_loop.hpp"
#include "clock.hpp"
#include "job/checks.hpp"
#include "job/outcome.hpp"
#include "job/serial_job.hpp"
#include "machine.hpp"
#include "spin.hpp"
#include "tree/worker_process.hpp"

namespace pinfold::detail {

namespace {

std::vector<affinity::Placement> place_workers(const PoolOptions& options, Crew crew) {
    check_options(options);
    const affinity::PinPolicy policy = affinity::parse_pin_policy(options.pin);
    const Machine& machine = this_machine();
    int workers = options.workers;
    if (crew == Crew::serial) {
        workers = 1;
    } else if (workers == 0) {
        workers = affinity::default_workers(machine.topology, machine.usable, policy);
    }
    return affinity::place(machine.topology, policy, workers);
}

// shm does not know cgroups, affinity does.
shm::ArenaOptions arena_options(const PoolOptions& options) {
    return {.bytes = options.arena_bytes, .budget = [] {
                affinity::MemoryHeadroom headroom = affinity::memory_headroom();
                return shm::MemoryBudget{headroom.bytes, std::move(headroom.limit)};
            }};
}

WorkerCpus cpus_of(const std::vector<affinity::Placement>& placements) {
    WorkerCpus cpus;
    for (const affinity::Placement& placement : placements) {
        cpus.push_back(placement.cpu);
    }
    return cpus;
}

}  // namespace

PoolCore::PoolCore(const PoolOptions& options)
    : owner_(getpid()),
      crew_kind_(inside_worker_process() || inside_map() ? Crew::serial : options.crew),
      placements_(place_workers(options, crew_kind_)),
      cpus_(cpus_of(placements_)),
      arena_(std::make_shared<shm::Arena>(arena_options(options))),
      arena_blocks_(arena_) {
    const std::size_t usable = this_machine().usable.cpus.size();
    may_spin_ = placements_.size() + 1 <= usable;
    if (crew_kind_ != Crew::serial) {
        start_workers(options);
    }
}

void PoolCore::start_workers(const PoolOptions& options) {
    control_ = &lay_out_control();
    boards_ = std::make_unique<Boards>(*control_, arena_blocks_, crew_kind_ == Crew::processes);
    if (crew_kind_ == Crew::threads) {
        crew_ = make_thread_crew(*control_, cpus_);
        return;
    }
    crew_ = make_process_crew(*control_, {.cpus = cpus_,
                                          .initializer = options.initializer,
                                          .worker_memory_limit = options.worker_memory_limit,
                                          .max_chunks_per_worker = options.max_chunks_per_worker,
                                          .may_spin = may_spin_});
}

// One block: the control, then the workers' lines, then the boards.
Control& PoolCore::lay_out_control() {
    const std::size_t workers = placements_.size();
    const std::size_t lines_at = sizeof(Control);
    const std::size_t boards_at = lines_at + workers * sizeof(WorkerLine);
    control_block_ = Block(arena_blocks_, boards_at + max_boards * sizeof(Board));
    auto* const bytes = static_cast<std::byte*>(control_block_.data());
    auto* const control = new (bytes) Control;
    auto* const lines = reinterpret_cast<WorkerLine*>(bytes + lines_at);
    auto* const boards = reinterpret_cast<Board*>(bytes + boards_at);
    std::uninitialized_default_construct_n(lines, workers);
    std::uninitialized_default_construct_n(boards, max_boards);
    control->lines = {lines, workers};
    control->boards = {boards, max_boards};

    std::set<int> nodes;
    for (const affinity::Placement& placement : placements_) {
        nodes.insert(placement.numa_node);
    }
    control->nodes = static_cast<std::uint32_t>(std::min<std::size_t>(nodes.size(), max_cursors));
    for (std::size_t w = 0; w < workers; ++w) {
        const auto node = std::distance(nodes.begin(), nodes.find(placements_[w].numa_node));
        lines[w].node.store(static_cast<std::uint32_t>(node) % control->nodes,
                            std::memory_order_relaxed);
        lines[w].pid.store(owner_, std::memory_order_relaxed);
    }
    return *control;
}

// The destructor of the crew ends the workers; in a forked child they are somebody else's.
PoolCore::~PoolCore() {
    if (getpid() != owner_) {
        static_cast<void>(crew_.release());
    }
}

void PoolCore::check_owner() const {
    if (getpid() != owner_) {
        throw std::logic_error(
            "a Pool was used in a child process, which has no workers: made in pid " +
            std::to_string(owner_) + ", used in " + std::to_string(getpid()));
    }
}

JobReport PoolCore::run(const JobSpec& spec, const FoldAll& fold_all) {
    const JobSettings& settings = *spec.settings;
    check_settings(settings, crew_kind_);
    if (crew_kind_ == Crew::serial || inside_map() || inside_worker_process()) {
        return run_serially(spec, fold_all, cpus_.front());
    }
    check_owner();
    if (!code_.contains(reinterpret_cast<const void*>(spec.call))) {
        throw std::invalid_argument(
            "the map's code was loaded after the pool was made, so its workers do not have it");
    }
    const std::unique_ptr<JournalFile> journal = open_journal(spec);
    const std::int64_t began = now_ns();
    Boards::Seat seat = boards_->open(spec, journal.get(), [this] { crew_->check(); });
    Board& board = seat.board();
    advance_if_over(*control_, board);  // for phases without chunks
    Ending ending{};
    try {
        crew_->call(settings.chunk_deadline.count() != 0);
        ending = wait_for_end(board, settings, journal.get());
    } catch (...) {
        board.stopping.store(true, std::memory_order_release);
        board.kill_workers.store(settings.kill, std::memory_order_release);
        end_early(seat, settings);
        throw;
    }
    if (ending == Ending::complete) {
        seat.close();
    } else {
        end_early(seat, settings);
    }
    if (journal) {
        journal->sync();
    }
    return settle_job({*control_, board, settings, cpus_, began}, ending, fold_all);
}

Ending PoolCore::wait_for_end(Board& board, const JobSettings& settings, JournalFile* journal) {
    JobMinder minder(board, settings, journal);
    if (may_spin_) {
        spin_until([&] { return board.complete(); });
    }
    while (!minder.look()) {
        crew_->check();
        minder.sleep();
    }
    minder.finish();
    return minder.ending();
}

// Maps that have started are still running: what they read and write may go only when they ended.
void PoolCore::end_early(Boards::Seat& seat, const JobSettings& settings) {
    constexpr std::chrono::milliseconds slice{50};
    seat.close();
    if (settings.kill) {
        crew_->kill_marked();
    }
    std::uint32_t seen = seat.board().host_bell.value();
    while (!seat.quiet()) {
        crew_->check();
        seat.board().host_bell.wait(seen, slice);
        seen = seat.board().host_bell.value();
    }
}

}  // namespace pinfold::detail
