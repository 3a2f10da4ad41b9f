#include "timeline/job_tracks.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace pinfold::detail {

namespace {

// What is shorter between two chunks is the way from one to the next.
constexpr std::int64_t shortest_wait_ns = 1000;

constexpr std::int64_t not_yet = std::numeric_limits<std::int64_t>::max();

}  // namespace

/// A chunk or an event of a worker.
struct JobTracks::Item {
    WorkerNumber worker = 0;
    std::int64_t began = 0;
    std::uint64_t number = 0;  // of the chunk that is kept, or beyond these of the event
};

JobTracks::JobTracks(const RecordedJob& job)
    : job_(job), scale_(job.began, job.ended), by_place_(job.runs.size()), runs_(job.runs.size()) {
    std::iota(by_place_.begin(), by_place_.end(), std::size_t{0});
    std::ranges::sort(by_place_, {}, [&](std::size_t run) {
        return std::pair(job_.runs[run].first_place, job_.runs[run].chunks);
    });
    bound_runs();
}

bool JobTracks::has_times(std::uint64_t number) const noexcept {
    return job_.notes[number].kind != ChunkNote::Kind::not_run && job_.times[number].began != 0;
}

std::size_t JobTracks::run_of(std::uint64_t place) const noexcept {
    const auto after = std::ranges::upper_bound(
        by_place_, place, {}, [&](std::size_t run) { return job_.runs[run].first_place; });
    return *(after - 1);  // of several that begin here, all but the last are empty
}

// Runs follow each other, and so do their chunks. Where the clocks of two CPUs differ by some
// nanoseconds, the chunks of the earlier run win.
void JobTracks::bound_runs() {
    std::vector<std::int64_t> first(runs_.size(), not_yet);
    std::vector<std::int64_t> last(runs_.size(), 0);
    for (std::uint64_t i = 0; i < job_.kept; ++i) {
        if (has_times(i)) {
            const std::size_t run = run_of(i << job_.thinning);
            first[run] = std::min(first[run], scale_.ns(job_.times[i].began));
            last[run] = std::max(last[run], scale_.ns(job_.times[i].ended()));
        }
    }
    std::vector<std::int64_t> next(runs_.size(), off_board());  // the begin of any chunk after it
    for (std::size_t run = runs_.size(); run-- > 1;) {
        next[run - 1] = std::min(next[run], first[run]);
    }
    std::int64_t at = began();
    for (std::size_t run = 0; run < runs_.size(); ++run) {
        const std::int64_t noted = job_.runs[run].ended_ns;
        const std::int64_t least = std::max(at, last[run]);
        const std::int64_t most = std::max(least, next[run]);
        const bool is_begun = run == 0 || job_.runs[run - 1].ended_ns != 0;
        const std::int64_t ended = std::clamp(noted != 0 ? noted : most, least, most);
        runs_[run] = {at, ended, is_begun || first[run] != not_yet};
        at = runs_[run].is_told ? ended : at;
    }
}

Span JobTracks::chunk_span(std::uint64_t number) const noexcept {
    const std::uint64_t place = number << job_.thinning;
    const RunSpan& run = runs_[run_of(place)];
    const bool is_lost = job_.notes[number].kind == ChunkNote::Kind::lost;
    Span span{is_lost ? Span::Kind::threw : Span::Kind::chunk};
    span.began = std::clamp(scale_.ns(job_.times[number].began), run.began, run.ended);
    span.ended = std::clamp(scale_.ns(job_.times[number].ended()), span.began, run.ended);
    span.place = place;
    return span;
}

Span JobTracks::event_span(const RecordedEvent& event) const noexcept {
    Span span{event.began != 0 ? Span::Kind::died : Span::Kind::death};
    span.ended = std::clamp(scale_.ns(event.at), began(), off_board());
    span.began =
        event.began != 0 ? std::clamp(scale_.ns(event.began), began(), span.ended) : span.ended;
    span.place = event.place;
    span.event = &event;
    return span;
}

JobTracks::Items JobTracks::sorted_items() const {
    Items items;
    for (std::uint64_t i = 0; i < job_.kept; ++i) {
        if (has_times(i)) {
            items.push_back({job_.notes[i].worker, job_.times[i].began, i});
        }
    }
    for (std::size_t i = 0; i < job_.events.size(); ++i) {
        const RecordedEvent& event = job_.events[i];
        items.push_back({event.worker, event.began != 0 ? event.began : event.at, job_.kept + i});
    }
    std::ranges::sort(items, {}, [](const Item& item) {
        return std::tuple(item.worker, item.began, item.number);
    });
    return items;
}

namespace {

/// A worker's time in a job, told bit by bit.
class Track {
  public:
    using Tell = std::function<void(WorkerNumber, const Span&)>;

    Track(WorkerNumber worker, std::int64_t began, bool knows_waits, const Tell& tell)
        : worker_(worker), at_(began), knows_waits_(knows_waits), tell_(tell) {}

    void comes(std::int64_t at) {
        if (is_first_) {
            gap(Span::Kind::wake, at, true);
        } else {
            gap(Span::Kind::restart, at, knows_waits_ || is_dead_);
        }
        is_first_ = false;
        is_dead_ = false;
    }

    void does(Span span) {
        is_first_ = false;
        gap(Span::Kind::wait, span.began, knows_waits_);
        // Two clocks, or two looks at one, may differ by some nanoseconds.
        span.began = std::max(span.began, at_);
        span.ended = std::max(span.ended, span.began);
        tell_(worker_, span);
        at_ = span.ended;
        is_dead_ = span.event != nullptr;
    }

    void leaves(std::int64_t at) { gap(Span::Kind::wait, at, knows_waits_); }

  private:
    void gap(Span::Kind kind, std::int64_t until, bool is_known) {
        if (is_known && until - at_ >= shortest_wait_ns) {
            tell_(worker_, {kind, at_, until, 0, nullptr});
        }
        at_ = std::max(at_, until);
    }

    const WorkerNumber worker_;
    std::int64_t at_;
    const bool knows_waits_;
    const Tell& tell_;
    bool is_first_ = true;
    bool is_dead_ = false;
};

}  // namespace

// Between the chunks of a job that is thinned there were others.
void JobTracks::for_each_span(const std::function<void(WorkerNumber, const Span&)>& tell) const {
    const Items items = sorted_items();
    for (auto item = items.begin(); item != items.end();) {
        const WorkerNumber worker = item->worker;
        Track track(worker, began(), job_.thinning == 0, tell);
        for (; item != items.end() && item->worker == worker; ++item) {
            if (item->number < job_.kept) {
                track.does(chunk_span(item->number));
                continue;
            }
            const RecordedEvent& event = job_.events[item->number - job_.kept];
            if (event.kind == TrackEvent::Kind::came) {
                track.comes(std::clamp(scale_.ns(event.at), began(), off_board()));
            } else {
                track.does(event_span(event));
            }
        }
        track.leaves(off_board());
    }
}

}  // namespace pinfold::detail
