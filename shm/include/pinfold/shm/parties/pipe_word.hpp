#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/pipe_channel.hpp>
#include <pinfold/shm/parties/pipe_ends.hpp>
#include <pinfold/shm/parties/roster.hpp>

namespace pinfold::shm {

class Heap;

/// A pipe in shared memory: two ends, and a channel from each to the other, or from the first to
/// the second alone.
///
///     using pinfold::shm::PipeSide;
///     using pinfold::shm::PipeWord;
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const seats = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(seats, 4);
///     const PipeWord::Shape shape{.capacity = 8, .message_bytes = sizeof(int)};
///     auto& pipe = *new (arena.allocate(PipeWord::bytes_for(shape, shape))) PipeWord;
///     pipe.prepare(roster, shape, shape);
///     assert(!pipe.is_gone(PipeSide::first));
///     pipe.close(roster, PipeSide::first);
///     assert(pipe.is_gone(PipeSide::first) && !pipe.is_gone(PipeSide::second));
///     pipe.end();
///     roster.close();
///
/// One of zeros is of no use; prepare() makes it a pipe, which its roster knows then: burials of
/// processes are told to each pipe.
///
/// Thread-safety: all members but prepare(), end() and free_blocks(). Fork: see Roster.
class PINFOLD_API alignas(cache_line) PipeWord {
  public:
    using Shape = PipeChannel::Shape;

    /// How much memory one takes. `back` may have no capacity: then there is no channel back.
    [[nodiscard]] static std::size_t bytes_for(const Shape& there, const Shape& back);

    /// Makes channels in the memory behind it: from the first end to the second, and back. For the
    /// process that made the roster.
    void prepare(Roster& roster, const Shape& there, const Shape& back) noexcept;

    /// Into which the threads of that end write.
    [[nodiscard]] PipeChannel& from(PipeSide side) noexcept {
        return channels_[static_cast<std::size_t>(side)];
    }
    [[nodiscard]] PipeChannel& to(PipeSide side) noexcept { return from(other(side)); }

    /// Nobody of that end writes any more, nor reads but what is there; nor does the other end
    /// write. Throws what Roster::seat() throws.
    void close(Roster& roster, PipeSide side);
    [[nodiscard]] bool is_closed(PipeSide side) const noexcept { return ends_.is_closed(side); }
    [[nodiscard]] bool is_gone(PipeSide side) const noexcept { return ends_.is_gone(side); }

    /// The process, which is about to be forked, uses that end. dismiss() is for one that was not
    /// forked in the end.
    void enrol(PipeSide side, ProcessNumber process) noexcept { ends_.enrol(side, process); }
    void dismiss(PipeSide side, ProcessNumber process) noexcept;

    /// All who wait are told, and all who come. For whoever is about to free it, in the process
    /// that made the roster.
    void end() noexcept;
    void free_blocks(Heap& heap) noexcept;

    /// For burials: all threads of the process are buried. `tells_anyway`: somebody may have been
    /// told that the process left by halves.
    void bury(ProcessNumber process, bool tells_anyway) noexcept;

  private:
    friend class Roster;

    void tell_of_leaver() noexcept;

    std::atomic<PipeWord*> next_{nullptr};  // of its roster
    Roster* roster_ = nullptr;
    PipeEnds ends_;
    std::array<PipeChannel, 2> channels_;
};

}  // namespace pinfold::shm
