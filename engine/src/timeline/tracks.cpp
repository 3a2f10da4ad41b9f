#include "timeline/tracks.hpp"

#include <algorithm>

namespace pinfold::detail {

void Tracks::start_over(int with_thinning) noexcept {
    thinning = with_thinning;
    const std::uint64_t used = std::min(taken.load(std::memory_order_relaxed), event_room);
    for (std::uint64_t i = 0; i < used; ++i) {
        events[i].kind.store(TrackEvent::Kind::none, std::memory_order_relaxed);
    }
    taken.store(0, std::memory_order_relaxed);
}

// Chunks in a row have even parts of the time between two looks, and the last one what is over.
void Tracks::write(std::uint64_t first, std::uint64_t count, std::int64_t began,
                   std::int64_t ended) const noexcept {
    constexpr std::uint64_t longest = (std::uint64_t{1} << 56) - 1;
    const std::uint64_t took =
        ended > began ? std::min(static_cast<std::uint64_t>(ended - began), longest) : 0;
    const std::uint64_t part = count == 1 ? took : took / std::max<std::uint64_t>(count, 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        if (keeps(first + i)) {
            const std::uint64_t its = i + 1 == count ? took - i * part : part;
            times_of(first + i) =
                ChunkTimes::of(began + static_cast<std::int64_t>(i * part), its, count);
        }
    }
}

void Tracks::end_at(WorkerNumber worker, std::uint64_t place) const noexcept {
    const std::uint64_t first = lines[worker].place.load(std::memory_order_relaxed);
    if (first <= place) {
        end(worker, place - first + 1, clock.now());
    }
}

TrackEvent* Tracks::take() noexcept {
    const std::uint64_t number = taken.fetch_add(1, std::memory_order_relaxed);
    return number < event_room ? events + number : nullptr;
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

// What it had begun since its last look lies in a row: the chunks before the one that it named are
// committed. They have their parts of the time until now, and so has the one that it had.
void Tracks::note_death(WorkerNumber worker, const WorkerDeath& death, std::uint64_t named,
                        bool had_chunk, TrackEvent::Kind kind) noexcept {
    TrackLine& line = lines[worker];
    const std::uint64_t first = line.place.load(std::memory_order_acquire);
    const std::int64_t now = clock.now_in_order();
    std::int64_t began = 0;
    if (first <= named && named - first <= most_chunks_a_look) {
        const std::int64_t since = line.began.load(std::memory_order_relaxed);
        const std::uint64_t committed = named - first;
        const std::uint64_t parts = committed + (had_chunk ? 1 : 0);
        if (parts != 0) {
            const std::int64_t a_part =
                std::max<std::int64_t>(now - since, 0) / static_cast<std::int64_t>(parts);
            began = since + a_part * static_cast<std::int64_t>(committed);
            write(first, committed, since, had_chunk ? began : now);
        }
    }
    if (had_chunk && keeps(named)) {
        times_of(named) = {0, 0};
    }
    line.place.store(TrackLine::nothing, std::memory_order_relaxed);
    if (TrackEvent* const event = take()) {
        event->worker = worker;
        event->pid = death.pid;
        event->death = death;
        event->place = had_chunk ? named : TrackLine::nothing;
        event->began = had_chunk ? began : 0;
        event->at = now;
        event->kind.store(kind, std::memory_order_release);
    }
}

}  // namespace pinfold::detail
