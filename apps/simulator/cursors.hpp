#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pinfold::apps {

/// Chunks [first, last).
struct ChunkRow {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] bool empty() const noexcept { return first >= last; }
    [[nodiscard]] std::uint64_t size() const noexcept { return last - first; }
};

/// A cache line that one party at a time may write. Whoever comes while others have it waits behind
/// them; whoever wrote it last has it at hand.
class SharedLine {
  public:
    /// How long it takes `party` from now to read and write it so many times.
    double use(int party, double now, double times, double transfer) noexcept {
        const double begin = std::max(now, free_at_);
        free_at_ = begin + (party == holder_ ? 0 : times * transfer);
        holder_ = party;
        return free_at_ - now;
    }

  private:
    double free_at_ = 0;
    int holder_ = -1;
};

/// The engine's cursors, one for each NUMA node, and how large a batch they deal: engine/src/board/
/// dealing.cpp has the rules.
class Cursors {
  public:
    static constexpr std::uint64_t lease_chunks = 16;
    static constexpr std::uint64_t most_of_a_batch = 1024;

    Cursors(std::uint64_t chunks, int workers, int nodes);

    struct Deal {
        ChunkRow row;
        double seconds = 0;  ///< for the transfers of the cursors' lines
    };

    /// A batch of at most `size` chunks for a worker: of its own node, else of another one.
    Deal next(int worker, std::uint64_t size, double now, double transfer);

    /// How large a worker's batches are after one that took so long.
    [[nodiscard]] static std::uint64_t size_after(std::uint64_t size, double seconds) noexcept;

  private:
    struct Cursor {
        ChunkRow left;
        SharedLine line;
    };
    std::vector<Cursor> cursors_;
    const std::uint64_t workers_;
};

}  // namespace pinfold::apps
