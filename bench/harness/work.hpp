#pragma once

#include <cstdint>

namespace bench {

/// What a chunk gives: 16 bytes, folded by adding.
struct Partial {
    std::uint64_t sum = 0;
    std::uint64_t chunks = 0;

    friend Partial operator+(Partial a, Partial b) { return {a.sum + b.sum, a.chunks + b.chunks}; }
    friend bool operator==(Partial, Partial) = default;
};

/// Does nothing but return its result.
struct EmptyChunk {
    Partial operator()(std::uint64_t index) const { return {index, 1}; }
};

/// Computes for about so many microseconds, without looking at a clock. Call calibrate() first, and
/// before any fork.
struct MicrosecondChunk {
    std::uint64_t microseconds = 1;

    Partial operator()(std::uint64_t index) const;
    static void calibrate();
};

/// A job in the form that every runner takes: call the map for each index below `chunks`, add up.
struct Work {
    enum class Map { empty, microsecond };

    std::uint64_t chunks = 0;
    Map map = Map::empty;
    std::uint64_t microseconds = 1;  ///< of each chunk that is not empty
};

/// `body(map)`, where the map has its own type, so that a runner's loop is compiled for it.
template <typename Body>
auto with_map(const Work& work, Body body) {
    return work.map == Work::Map::empty ? body(EmptyChunk{})
                                        : body(MicrosecondChunk{work.microseconds});
}

/// The value of `work` by a plain loop.
[[nodiscard]] Partial run_plainly(const Work& work);

}  // namespace bench
