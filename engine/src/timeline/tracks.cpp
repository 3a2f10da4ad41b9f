#include "timeline/tracks.hpp"

#include <algorithm>

namespace pinfold::detail {

void Tracks::start_over(int with_thinning) noexcept {
    thinning = with_thinning;
    const std::uint64_t used = std::min(taken.load(std::memory_order_relaxed), most_track_events);
    for (std::uint64_t i = 0; i < used; ++i) {
        events[i].kind.store(TrackEvent::Kind::none, std::memory_order_relaxed);
    }
    taken.store(0, std::memory_order_relaxed);
}

void Tracks::end_if_begun(WorkerNumber worker, std::uint64_t place) const noexcept {
    if (keeps(place) && lines[worker].place.load(std::memory_order_relaxed) == place) {
        end(worker, place, clock.now());
    }
}

TrackEvent* Tracks::take() noexcept {
    const std::uint64_t number = taken.fetch_add(1, std::memory_order_relaxed);
    return number < most_track_events ? events + number : nullptr;
}

void Tracks::note_join(WorkerNumber worker, int pid) noexcept {
    if (TrackEvent* const event = take()) {
        event->worker = worker;
        event->pid = pid;
        event->place = TrackLine::nothing;  // another job's event may have been here
        event->began = 0;
        event->at = clock.now_in_order();
        event->kind.store(TrackEvent::Kind::came, std::memory_order_release);
    }
}

// The line is given back as its successor finds it: what it began is no chunk of that one's.
void Tracks::note_death(WorkerNumber worker, const WorkerDeath& death, std::uint64_t had,
                        TrackEvent::Kind kind) noexcept {
    TrackLine& line = lines[worker];
    const bool is_known = had != TrackLine::nothing && line.place == had;
    if (TrackEvent* const event = take()) {
        event->worker = worker;
        event->pid = death.pid;
        event->death = death;
        event->place = had;
        event->began = is_known ? line.began.load(std::memory_order_relaxed) : 0;
        event->at = clock.now_in_order();
        event->kind.store(kind, std::memory_order_release);
    }
    if (had != TrackLine::nothing && keeps(had)) {
        times_of(had) = {0, 0};
    }
    line.place.store(TrackLine::nothing, std::memory_order_relaxed);
}

}  // namespace pinfold::detail
