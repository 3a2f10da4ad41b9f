#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// What a chunk gives: 16 bytes, folded by adding.
struct Partial {
    std::uint64_t sum = 0;
    std::uint64_t chunks = 0;

    friend Partial operator+(Partial a, Partial b) { return {a.sum + b.sum, a.chunks + b.chunks}; }
    friend bool operator==(Partial, Partial) = default;
};

/// A job in the form that every runner takes: call `map` for each index below `chunks`, add up.
struct Work {
    using Map = Partial (*)(std::uint64_t index);

    std::uint64_t chunks = 0;
    Map map = nullptr;
};

/// The value of `work` by a plain loop.
[[nodiscard]] Partial run_plainly(const Work& work);

/// A map that does nothing but return its result.
[[nodiscard]] Partial empty_chunk(std::uint64_t index);

/// A map that computes for about a microsecond, without looking at a clock. Call
/// calibrate_microsecond_chunk() first, and before any fork.
[[nodiscard]] Partial microsecond_chunk(std::uint64_t index);
void calibrate_microsecond_chunk();

/// One way to run a job, ready and warm.
class Runner {
  public:
    virtual ~Runner() = default;
    virtual Partial run(const Work& work) = 0;
};

}  // namespace bench
