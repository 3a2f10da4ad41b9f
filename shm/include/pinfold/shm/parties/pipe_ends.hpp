#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::shm {

/// One of the two ends of a pipe.
enum class PipeSide : std::uint8_t { first, second };

[[nodiscard]] constexpr PipeSide other(PipeSide side) noexcept {
    return side == PipeSide::first ? PipeSide::second : PipeSide::first;
}

/// Which of a pipe's ends are closed, and which processes use them. An end has gone when it is
/// closed, or when all processes that used it have: until another one uses it.
///
///     using pinfold::shm::PipeSide;
///     pinfold::shm::PipeEnds ends;
///     ends.join(PipeSide::first, 1);
///     assert(!ends.is_gone(PipeSide::first));
///     assert(ends.leave(PipeSide::first, 1));  // its process 1 has died
///     ends.count_leaver();
///     assert(ends.is_gone(PipeSide::first) && !ends.is_gone(PipeSide::second));
///
/// It begins as zeros. Thread-safety: all members. Fork: see Roster.
class PINFOLD_API alignas(cache_line) PipeEnds {
  public:
    static constexpr std::size_t most_processes = 4096;

    /// Another one whenever an end may have gone.
    [[nodiscard]] std::uint64_t state() const noexcept {
        return state_.load(std::memory_order_seq_cst);
    }

    [[nodiscard]] bool is_closed(PipeSide side) const noexcept {
        return (state() & bit_of(side)) != 0;
    }
    /// Run time: grows with the number of the first process that uses it.
    [[nodiscard]] bool is_gone(PipeSide side) const noexcept;

    /// The process, whose number is below `most_processes`, uses that end.
    void join(PipeSide side, ProcessNumber process) noexcept;
    void close(PipeSide side) noexcept;

    /// Before the process is forked: it uses that end from then on. strike() is for one that was
    /// not forked in the end: nobody was there.
    void enrol(PipeSide side, ProcessNumber process) noexcept;
    void strike(PipeSide side, ProcessNumber process) noexcept;

    /// For burials: returns whether the process used that end. Then count_leaver() is to come.
    [[nodiscard]] bool leave(PipeSide side, ProcessNumber process) noexcept;
    void count_leaver() noexcept { state_.fetch_add(leaver, std::memory_order_seq_cst); }

  private:
    static constexpr std::uint64_t leaver = 4;
    static constexpr std::size_t bits = 64;

    struct Users {
        std::atomic<bool> were_there{false};
        std::array<std::atomic<std::uint64_t>, most_processes / bits> are_there{};
    };

    [[nodiscard]] static constexpr std::uint64_t bit_of(PipeSide side) noexcept {
        return std::uint64_t{1} << static_cast<int>(side);
    }
    [[nodiscard]] Users& of(PipeSide side) noexcept {
        return users_[static_cast<std::size_t>(side)];
    }

    std::atomic<std::uint64_t> state_{0};  // a bit for each that is closed, and the leavers
    std::array<Users, 2> users_;
};

}  // namespace pinfold::shm
