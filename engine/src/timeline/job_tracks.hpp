#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "timeline/recorded_job.hpp"

namespace pinfold::detail {

/// Something that took its time, in nanoseconds of the monotonic clock.
struct Span {
    enum class Kind {
        wake,     // from the job's begin to the worker's first look at it
        wait,     // the worker had no chunk
        chunk,    // committed
        threw,    // a chunk whose map threw
        died,     // a chunk whose worker died in it; as far as its burial
        death,    // the same where its begin is not known, or outside of a chunk; takes no time
        restart,  // from the end of a process to its successor's first look
    };

    Kind kind = Kind::wait;
    std::int64_t began = 0;
    std::int64_t ended = 0;
    std::uint64_t place = 0;  // of a chunk's state
    const RecordedEvent* event = nullptr;
};

/// What is told of a recorded job: its runs, each after the one before, and what each worker did.
/// On a track nothing overlaps; chunks lie within their runs, and runs within the job.
class JobTracks {
  public:
    explicit JobTracks(const RecordedJob& job);

    struct RunSpan {
        std::int64_t began = 0;
        std::int64_t ended = 0;
        bool is_told = false;  // it was begun
    };
    [[nodiscard]] const std::vector<RunSpan>& runs() const noexcept { return runs_; }
    [[nodiscard]] std::int64_t began() const noexcept { return job_.began.ns; }
    [[nodiscard]] std::int64_t off_board() const noexcept { return scale_.ns(job_.off_board); }
    [[nodiscard]] std::int64_t ended() const noexcept { return job_.ended.ns; }

    /// The run of the chunk whose state lies there.
    [[nodiscard]] std::size_t run_of(std::uint64_t place) const noexcept;

    /// Calls `tell(worker, span)` for all that workers did, worker by worker and in order.
    void for_each_span(const std::function<void(WorkerNumber, const Span&)>& tell) const;

  private:
    struct Item;
    using Items = std::vector<Item>;

    [[nodiscard]] bool has_times(std::uint64_t number) const noexcept;
    void bound_runs();
    [[nodiscard]] Span chunk_span(std::uint64_t number) const noexcept;
    [[nodiscard]] Span event_span(const RecordedEvent& event) const noexcept;
    [[nodiscard]] Items sorted_items() const;

    const RecordedJob& job_;
    const TickScale scale_;
    std::vector<std::size_t> by_place_;  // the runs, by their first places
    std::vector<RunSpan> runs_;
};

}  // namespace pinfold::detail
