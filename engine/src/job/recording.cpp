#include "job/recording.hpp"

#include <algorithm>
#include <exception>

namespace pinfold::detail {

namespace {

ChunkNote note_of(std::uint64_t generation, std::uint64_t word) noexcept {
    const ChunkState state = seen_by(generation, word);
    const bool is_over = state.kind == ChunkKind::committed || state.kind == ChunkKind::lost;
    if (!is_over || state.worker == no_worker) {
        return {};
    }
    const bool is_lost = state.kind == ChunkKind::lost;
    return {static_cast<std::uint16_t>(state.worker), static_cast<std::uint8_t>(state.attempts),
            is_lost ? ChunkNote::Kind::lost : ChunkNote::Kind::committed};
}

}  // namespace

Recording::Recording(Timeline& timeline, Crew crew)
    : store_(TimelineOf::store(timeline)), clock_(Ticks::of_this_machine()) {
    job_.crew = crew;
    job_.began = clock_.moment();
}

Recording::~Recording() {
    if (is_lost_) {
        store_.leave_out();
    } else if (is_copied_) {
        job_.ended = clock_.moment();
        store_.add(std::move(job_));
    }
}

// A job is not to fail for the lack of room to tell of it.
void Recording::copy(const BoardTable& table, const Board& board, const char* outcome) noexcept {
    if (board.tracks == nullptr || is_copied_) {
        return;
    }
    job_.off_board = clock_.now_in_order();
    try {
        job_.workers = table.lines.size();
        job_.outcome = outcome;
        job_.restored = board.restored;
        copy_chunks(board);
        copy_runs(board);
        copy_events(*board.tracks);
        is_copied_ = true;
    } catch (const std::exception&) {
        is_lost_ = true;
    }
}

void Recording::copy_chunks(const Board& board) {
    const std::uint64_t states = board.first_main_state + board.main_chunks;
    const int thinning = board.tracks->thinning;
    job_.thinning = thinning;
    job_.kept = board.tracks->kept(states);
    job_.times = std::make_unique_for_overwrite<ChunkTimes[]>(job_.kept);
    job_.notes = std::make_unique_for_overwrite<ChunkNote[]>(job_.kept);
    // All at once, also what no chunk of this job has written and nobody reads: other CPUs have it.
    std::copy_n(board.tracks->times, job_.kept, job_.times.get());
    // Of most chunks the word says the same but for the worker.
    const std::uint64_t usual = pack(ChunkState{board.generation, 0, 1, ChunkKind::committed});
    for (std::uint64_t i = 0; i < job_.kept; ++i) {
        const std::uint64_t word = board.states[i << thinning].load(std::memory_order_acquire);
        const std::uint64_t other = word ^ usual;
        const std::uint64_t worker = other >> (attempt_bits + kind_bits);
        const bool is_usual =
            (other & all_ones(attempt_bits + kind_bits)) == 0 && worker < no_worker;
        job_.notes[i] =
            is_usual ? ChunkNote{static_cast<std::uint16_t>(worker), 1, ChunkNote::Kind::committed}
                     : note_of(board.generation, word);
    }
}

void Recording::copy_runs(const Board& board) {
    for (const PhaseRun& run : board.runs) {
        job_.runs.push_back({run.plan.whole(), run.plan.first(), run.first_state, run.plan.size(),
                             run.number, run.kind == PhaseRun::Kind::phase,
                             run.ended_at_ns.load(std::memory_order_relaxed)});
    }
}

void Recording::copy_events(const Tracks& tracks) {
    const std::uint64_t taken = tracks.taken.load(std::memory_order_relaxed);
    const std::uint64_t count = std::min(taken, tracks.event_room);
    job_.events_left_out = taken - count;
    for (std::uint64_t i = 0; i < count; ++i) {
        const TrackEvent& event = tracks.events[i];
        const TrackEvent::Kind kind = event.kind.load(std::memory_order_acquire);
        if (kind != TrackEvent::Kind::none) {
            job_.events.push_back(
                {kind, event.worker, event.pid, event.at, event.death, event.place, event.began});
        }
    }
}

}  // namespace pinfold::detail
