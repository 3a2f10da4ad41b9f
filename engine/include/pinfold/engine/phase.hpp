#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/phase_options.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace pinfold {

/// What the finished phases of a job left behind, and what the running phase is to fill.
///
/// The bytes start as zeros, aligned to 4096 bytes. Chunks of one phase may write different bytes
/// of its memory at the same time, never the same ones. Lifetime: the job's.
///
///     std::array<std::byte, 16> bytes{};
///     const std::array<std::span<std::byte>, 1> left{bytes};
///     const pinfold::PhaseMemory memory(left, 1);  // as the job's own chunks see it
///     assert(memory.of<double>(0).size() == 2 && memory.running() == 1);
class PINFOLD_API PhaseMemory {
  public:
    PhaseMemory(std::span<const std::span<std::byte>> phases, std::size_t running) noexcept
        : phases_(phases), running_(running) {}

    /// The memory of phase number `phase`, as elements of type T.
    template <shm::Shareable T>
    [[nodiscard]] std::span<T> of(std::size_t phase) const noexcept {
        static_assert(alignof(T) <= shm::largest_alignment,
                      "the memory of a phase is aligned to 4096 bytes");
        const std::span<std::byte> bytes = phases_[phase];
        return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
    }

    /// The number of the phase whose chunk this is; in the job's own chunks, the number of phases.
    [[nodiscard]] std::size_t running() const noexcept { return running_; }

  private:
    std::span<const std::span<std::byte>> phases_;
    std::size_t running_;
};

/// The phases of a job: steps that must be complete before the job's own chunks start, or before
/// some of them. Each is a pure map over a range of its own, and leaves memory behind for what
/// comes after it. `Job` is the type of the job's own argument, which every phase sees.
///
///     using namespace pinfold;
///     Phases<double> phases;
///     const std::size_t squares = phases.add(
///         {.range = {0, 1000}, .bytes = 1000 * sizeof(double)},
///         [](double factor, const Chunk& chunk, const PhaseMemory& memory) {
///             for (auto k = chunk.begin; k < chunk.end; ++k) {
///                 memory.of<double>(memory.running())[k] = factor * double(k * k);
///             }
///         });
///     Pool pool;
///     const auto sum = map_reduce(
///         pool, Range{0, 1000}, 2.0, phases,
///         [](double, const Chunk& chunk, const PhaseMemory& memory) {
///             return memory.of<double>(0)[chunk.begin];
///         },
///         std::plus<>{}, JobOptions<double>{.grain = 500});
///     assert(squares == 0 && sum.value == 2.0 * 500 * 500);
///
/// Thread-safety: that of a plain vector.
template <shm::Shareable Job>
class Phases {
  public:
    /// Adds a phase after those that were added before. It calls `map(job, chunk, memory)` for each
    /// chunk of `options.range`. Returns its number, which is the argument of PhaseMemory::of().
    ///
    /// `map` is captureless. A chunk may start more than once, so the map writes the same bytes
    /// each time. Phases are added in the order of their `first_chunk`; map_reduce() throws
    /// std::invalid_argument for any other order.
    template <typename Map>
    std::size_t add(const PhaseOptions& options, Map) {
        static_assert(std::is_empty_v<Map> && std::is_default_constructible_v<Map>,
                      "a phase's map must be captureless: put what it needs into the job");
        static_assert(std::is_invocable_v<Map, const Job&, const Chunk&, const PhaseMemory&>,
                      "a phase's map is called as map(job, chunk, memory)");
        const auto call = [](detail::ChunkRow& chunks) {
            detail::run_row<detail::MapOfPhasesRuns>(chunks, [](const detail::ChunkRow& row) {
                Map{}(row.job_as<Job>(), row.chunk(), *row.memory);
            });
        };
        list_.push_back({options, call});
        return list_.size() - 1;
    }

    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

    /// The engine's own part, for map_reduce.hpp.
    [[nodiscard]] std::span<const detail::Phase> list() const noexcept { return list_; }

  private:
    std::vector<detail::Phase> list_;
};

}  // namespace pinfold
