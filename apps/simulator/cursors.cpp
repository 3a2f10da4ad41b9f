#include "simulator/cursors.hpp"

namespace pinfold::apps {

namespace {

// The cursor is read, which brings a copy of its line, and then written, which takes it from
// others.
constexpr double transfers_of_a_claim = 2;

constexpr double grows_below = 25e-6;  // seconds, as in the engine
constexpr double shrinks_above = 50e-6;

}  // namespace

Cursors::Cursors(std::uint64_t chunks, int workers, int nodes)
    : cursors_(static_cast<std::size_t>(std::clamp(nodes, 1, workers))),
      workers_(static_cast<std::uint64_t>(workers)) {
    const std::uint64_t count = cursors_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
        cursors_[i].left = {chunks * i / count, chunks * (i + 1) / count};
    }
}

Cursors::Deal Cursors::next(int worker, std::uint64_t size, double now, double transfer) {
    const std::size_t own = static_cast<std::size_t>(worker) * cursors_.size() / workers_;
    for (std::size_t k = 0; k < cursors_.size(); ++k) {
        Cursor& cursor = cursors_[(own + k) % cursors_.size()];
        if (cursor.left.empty()) {
            continue;
        }
        const std::uint64_t share = cursor.left.size() / (2 * workers_);
        ChunkRow row{cursor.left.first,
                     cursor.left.first + std::clamp<std::uint64_t>(share, 1, size)};
        if (row.size() >= lease_chunks) {
            row.last -= row.last % lease_chunks;
        }
        cursor.left.first = row.last;
        return {row, cursor.line.use(worker, now, transfers_of_a_claim, transfer)};
    }
    return {};
}

std::uint64_t Cursors::size_after(std::uint64_t size, double seconds) noexcept {
    if (seconds < grows_below) {
        return std::min(size * 2, most_of_a_batch);
    }
    return seconds > shrinks_above ? std::max<std::uint64_t>(1, size / 2) : size;
}

}  // namespace pinfold::apps
