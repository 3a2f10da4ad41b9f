#include "board/board_storage.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <pinfold/engine/detail/run_job.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "journal/journal_file.hpp"
#include "journal/journal_reader.hpp"
#include "timeline/timeline_store.hpp"

namespace pinfold::detail {

/// A run of a job that is to be laid out.
struct PlannedRun {
    PlanPart part;
    const Phase* phase = nullptr;  // none for a stretch of the job's own chunks
};

namespace {

// An hour: what is longer would be no other hint, and a multiple of it could overflow.
constexpr std::int64_t longest_set_up_ns = 3'600'000'000'000;

// What is larger goes back when the job is over; what is smaller is as much as a board has anyway.
constexpr std::size_t largest_job_in_a_frame = std::size_t{64} << 10;

// Writing what differs only: of jobs that are alike, most lines stay in the workers' caches
// (job_bench, one chunk: a tenth of its time).
template <typename T>
void renew(T& field, const std::type_identity_t<T>& value) noexcept {
    if (!(field == value)) {
        field = value;
    }
}
template <typename T>
void renew(std::atomic<T>& field, std::type_identity_t<T> value) noexcept {
    if (field.load(std::memory_order_relaxed) != value) {
        field.store(value, std::memory_order_relaxed);
    }
}
template <typename T>
void renew(std::span<T>& field, std::span<T> value) noexcept {
    if (field.data() != value.data() || field.size() != value.size()) {
        field = value;
    }
}

constexpr std::size_t aligned(std::size_t bytes, std::size_t alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
}

/// The bytes of that many things, or as many as nobody has.
constexpr std::size_t bytes_of(std::uint64_t count, std::size_t bytes_each) {
    constexpr std::size_t most = static_cast<std::size_t>(-1);
    return bytes_each != 0 && count > most / bytes_each ? most : count * bytes_each;
}

void grow(Block& block, BlockSource& source, std::size_t bytes,
          std::size_t alignment = cache_line) {
    if (block.bytes() < bytes) {
        block = Block(source, std::max(bytes, 2 * block.bytes()), alignment);
    } else if (!block.is_aligned(alignment)) {
        block = Block(source, block.bytes(), alignment);
    }
}

// The same for what lies there by chunk. A shorter job's borders are others, so its chunks then lie
// on a neighbour's node in part: that costs less than moving pages from job to job.
void grow_spread(Block& block, BlockSource& source, std::size_t bytes,
                 std::size_t alignment = cache_line) {
    if (block.bytes() < bytes) {
        block = Block::spread(source, std::max(bytes, 2 * block.bytes()), alignment);
    } else if (!block.is_aligned(alignment)) {
        block = Block::spread(source, block.bytes(), alignment);
    }
}

void check_order(const PhaseOptions& phase, std::size_t number, std::uint64_t earliest,
                 std::uint64_t chunks) {
    if (phase.first_chunk < earliest || phase.first_chunk > chunks ||
        phase.last_chunk < phase.first_chunk) {
        throw std::invalid_argument("phase " + std::to_string(number) + " is for the chunks [" +
                                    std::to_string(phase.first_chunk) + ", " +
                                    std::to_string(phase.last_chunk) + ") of " +
                                    std::to_string(chunks) + ", after a phase for those from " +
                                    std::to_string(earliest) + " on");
    }
}

/// Commits a chunk of `run` in the name of no worker. Who takes a lease would not look at it.
void commit_unrun(Board& board, PhaseRun& run, std::uint64_t index) {
    const std::uint64_t place = run.first_state + index;
    split_if_free(board.leases[lease_index(place)], board.generation);
    settle(board.states[place], {board.generation, no_worker, 0, ChunkKind::committed});
    run.over.store(++run.unrun, std::memory_order_relaxed);
}

/// Commits the chunks of a stretch that the journal has.
void restore_stretch(Board& board, PhaseRun& run, JournalReader& journal) {
    for (std::uint64_t i = 0; i < run.plan.size(); ++i) {
        const std::uint64_t chunk = run.plan.first() + i;
        if (journal.read(chunk, board.results + chunk * board.result_stride)) {
            commit_unrun(board, run, i);
            ++board.restored;
        }
    }
}

/// Lets nobody claim a stream's chunks until its host does, and commits those that it consumed in a
/// run before.
void begin_stream(Board& board, const JobSpec& spec) {
    renew(board.claim_limit, spec.stream != nullptr ? 0 : no_limit);
    const std::uint64_t consumed = spec.stream != nullptr ? spec.stream->consumed : 0;
    PhaseRun& run = board.runs.back();  // the only one: a stream has no phases
    for (std::uint64_t chunk = 0; chunk < consumed; ++chunk) {
        if (!board.is_over(chunk)) {  // nor in the journal
            commit_unrun(board, run, chunk);
        }
    }
}

/// Takes over what the journal has, and with it the phases of which nobody would read anything.
void restore(Board& board, std::span<const Phase> phases) {
    JournalReader journal(board.host_journal->number(), board.host_journal->slots());
    for (PhaseRun& run : board.runs) {
        if (run.kind == PhaseRun::Kind::stretch) {
            restore_stretch(board, run, journal);
        }
    }
    const auto is_missing = [&](const ChunkWord& word) {
        const ChunkState state = seen_by(board.generation, word.load(std::memory_order_relaxed));
        return state.kind != ChunkKind::committed;
    };
    auto run = board.runs.begin();
    for (const Phase& phase : phases) {
        run = std::find_if(run, board.runs.end(),
                           [](auto& r) { return r.kind == PhaseRun::Kind::phase; });
        const ChunkWord* const chunks = board.states + board.first_main_state;
        const bool wanted =
            std::any_of(chunks + phase.options.first_chunk,
                        chunks + std::min(phase.options.last_chunk, board.main_chunks), is_missing);
        for (std::uint64_t i = 0; !wanted && i < run->plan.size(); ++i) {
            commit_unrun(board, *run, i);
        }
        ++run;
    }
}

/// The job's phases, with its own chunks cut into stretches around them.
std::vector<PlannedRun> plan_runs(const JobSpec& spec) {
    const std::uint64_t chunks = spec.plan.size();
    std::vector<PlannedRun> runs;
    std::uint64_t done = 0;
    for (const Phase& phase : spec.phases) {
        const PhaseOptions& options = phase.options;
        check_order(options, runs.size(), done, chunks);
        if (options.first_chunk > done) {
            runs.push_back({PlanPart(spec.plan, done, options.first_chunk - done)});
            done = options.first_chunk;
        }
        runs.push_back({PlanPart(ChunkPlan(options.range, options.grain)), &phase});
    }
    runs.push_back({PlanPart(spec.plan, done, chunks - done)});
    return runs;
}

/// Writes the runs to `at`, where those of the board's last job may be. The states of all phases'
/// chunks come first.
std::span<PhaseRun> lay_out_runs(const Board& board, const JobSpec& spec,
                                 const std::vector<PlannedRun>& planned, PhaseRun* at) {
    const bool are_there = board.runs.data() == at && board.runs.size() == planned.size();
    std::uint64_t phase_states = 0;
    std::size_t phases = 0;
    for (std::size_t i = 0; i < planned.size(); ++i) {
        const auto& [part, phase] = planned[i];
        RunPlan run{RunPlan::Kind::stretch, part, board.first_main_state + part.first(),
                    spec.phases.size(), spec.call};
        if (phase != nullptr) {
            run = {RunPlan::Kind::phase, part, phase_states, phases++, phase->call};
            phase_states += part.size();
        }
        if (are_there) {
            renew<RunPlan>(at[i], run);
            at[i].start_over();
        } else {
            new (at + i) PhaseRun(run);
        }
    }
    return {at, planned.size()};
}

/// As if nothing had been run.
void start_over(Board& board) noexcept {
    board.phase.store(0, std::memory_order_relaxed);
    board.returned.store(0, std::memory_order_relaxed);
    board.uncertain.store(0, std::memory_order_relaxed);
    board.deaths.store(0, std::memory_order_relaxed);
    board.stopping.store(false, std::memory_order_relaxed);
    board.kill_workers.store(false, std::memory_order_relaxed);
    board.poison.store(no_chunk, std::memory_order_relaxed);
    board.awaited.store(nothing_awaited, std::memory_order_relaxed);
}

}  // namespace

void BoardStorage::prepare(Board& board, const JobSpec& spec, const JournalFile* journal,
                           std::uint64_t generation) {
    const std::vector<PlannedRun> planned = plan_runs(spec);
    std::uint64_t chunks = 0;
    for (const PlannedRun& run : planned) {
        chunks += run.part.size();
    }
    const std::size_t stride = aligned(spec.result_bytes, spec.result_alignment);
    grow_spread(states_, *source_, chunks * sizeof(ChunkWord));
    grow(leases_, *source_, lease_count(chunks) * sizeof(LeaseWord));
    grow(tallies_, *source_, workers_ * sizeof(Tally));
    grow(thrown_, *source_, workers_ * sizeof(Thrown));
    if (board.workers_may_die) {
        grow(death_log_, *source_, kept_deaths * sizeof(DeathRecord));
    }
    grow_spread(results_, *source_, bytes_of(spec.plan.size(), stride),
                std::max(spec.result_alignment, cache_line));

    // First of all that a late worker or the supervisor may look at.
    board.generation.store(generation, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    renew(board.result_stride, stride);
    renew(board.states, static_cast<ChunkWord*>(states_.data()));
    renew(board.leases, static_cast<LeaseWord*>(leases_.data()));
    renew(board.tallies, static_cast<Tally*>(tallies_.data()));
    renew(board.thrown, static_cast<Thrown*>(thrown_.data()));
    renew(board.death_log, static_cast<DeathRecord*>(death_log_.data()));
    renew(board.results, static_cast<std::byte*>(results_.data()));
    renew(board.max_attempts, static_cast<unsigned>(spec.settings->max_attempts));
    renew(board.skip_poison, spec.settings->on_poison == OnPoison::skip);
    renew(board.chunk_deadline_ns, spec.settings->chunk_deadline.count());
    renew(board.chunk_set_up_ns,
          std::min<std::int64_t>(spec.settings->chunk_set_up.count(), longest_set_up_ns));
    renew(board.floating_mode, FloatingMode::of_this_thread());
    renew(board.main_chunks, spec.plan.size());
    renew(board.first_main_state, chunks - board.main_chunks);
    lay_out_frame(board, spec, planned);
    lay_out_tracks(board, *spec.settings, chunks);

    start_over(board);
    attach(board, journal, spec.phases);
    begin_stream(board, spec);
    if (board.skip_poison) {
        lay_out_skip_log(board);  // the last: all else has its memory
    }
}

// Reasons are worth no refusal: where an arena has little room there are fewer of them.
void BoardStorage::lay_out_skip_log(Board& board) {
    std::uint64_t wanted = std::min(board.main_chunks, most_skip_records);
    while (skip_log_.bytes() < wanted * sizeof(SkipRecord)) {
        try {
            skip_log_ = Block::unset(*source_, wanted * sizeof(SkipRecord));
        } catch (const std::exception&) {
            wanted /= 2;
        }
    }
    board.skip_log.records = static_cast<SkipRecord*>(skip_log_.data());
    board.skip_log.size = skip_log_.bytes() / sizeof(SkipRecord);
    board.skip_log.taken.store(0, std::memory_order_relaxed);
}

// Of the times nothing is read but what this job writes.
void BoardStorage::lay_out_tracks(Board& board, const JobSettings& settings, std::uint64_t chunks) {
    renew(board.tracks, nullptr);
    if (settings.timeline == nullptr) {
        return;
    }
    if (tracks_.data() == nullptr) {
        const std::size_t lines_at = aligned(sizeof(Tracks), cache_line);
        const std::size_t events_at = lines_at + workers_ * sizeof(TrackLine);
        // Workers that cannot die come once each, or a few at a time where threads take turns.
        const std::uint64_t events = board.workers_may_die ? most_track_events : 4 * workers_;
        tracks_ = Block(*source_, events_at + events * sizeof(TrackEvent));
        auto* const at = static_cast<std::byte*>(tracks_.data());
        auto* const made = new (at) Tracks;
        made->lines = reinterpret_cast<TrackLine*>(at + lines_at);
        made->events = reinterpret_cast<TrackEvent*>(at + events_at);
        made->event_room = events;
        std::uninitialized_default_construct_n(made->lines, workers_);
        std::uninitialized_default_construct_n(made->events, events);
    }
    auto* const tracks = static_cast<Tracks*>(tracks_.data());
    tracks->start_over(TimelineOf::store(*settings.timeline).thinning_for(chunks));
    const std::uint64_t kept = tracks->kept(chunks);
    if (times_.bytes() < kept * sizeof(ChunkTimes)) {
        times_ = Block::unset(*source_, kept * sizeof(ChunkTimes));
    }
    tracks->times = static_cast<ChunkTimes*>(times_.data());
    board.tracks = tracks;
}

void BoardStorage::attach(Board& board, const JournalFile* journal, std::span<const Phase> phases) {
    renew(board.restored, 0);
    renew(board.journal, nullptr);
    if (journal == nullptr) {
        return;
    }
    grow(journal_, *source_, sizeof(JournalPlace));
    journal->lay_out_if_new();
    board.journal = new (journal_.data()) JournalPlace;
    journal->write_place(*board.journal);
    board.host_journal = &journal->handle();
    board.host_pid = getpid();
    restore(board, phases);
}

void BoardStorage::lay_out_frame(Board& board, const JobSpec& spec,
                                 const std::vector<PlannedRun>& planned) {
    using Memory = std::span<std::byte>;
    const std::size_t phases = spec.phases.size();
    const std::size_t alignment = std::max(spec.job_alignment, cache_line);
    const bool is_large = spec.job.size() > largest_job_in_a_frame;
    const std::size_t job_at = aligned(planned.size() * sizeof(PhaseRun), alignment);
    const std::size_t memory_at = job_at + (is_large ? 0 : aligned(spec.job.size(), cache_line));
    grow(frame_, *source_, memory_at + phases * sizeof(Memory), alignment);
    std::byte* const frame = static_cast<std::byte*>(frame_.data());

    renew(board.runs, lay_out_runs(board, spec, planned, reinterpret_cast<PhaseRun*>(frame)));
    auto* const memory = reinterpret_cast<Memory*>(frame + memory_at);
    drop_phase_memory();
    std::byte* job = frame + job_at;
    if (is_large) {
        large_job_ = Block(*source_, spec.job.size(), alignment);
        job = static_cast<std::byte*>(large_job_.data());
    }
    if (is_large || !std::ranges::equal(spec.job, std::span(job, spec.job.size()))) {
        std::ranges::copy(spec.job, job);
    }
    renew(board.job, job);
    renew(board.has_slots, spec.has_slots);
    for (std::size_t i = 0; i < phases; ++i) {
        const std::size_t bytes = spec.phases[i].options.bytes;
        phase_memory_.push_back(Block::untouched(*source_, bytes, shm::largest_alignment));
        new (memory + i) Memory(static_cast<std::byte*>(phase_memory_.back().data()), bytes);
    }
    renew(board.phase_memory, {memory, phases});
}

}  // namespace pinfold::detail
