#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/owner_word.hpp>
#include <pinfold/shm/parties/roster.hpp>

namespace pinfold::detail {

/// A turn at what no death leaves half changed. Throws what `Value` says.
class PINFOLD_API ValueTurn {
  public:
    ValueTurn(shm::OwnerWord& word, shm::Roster& roster);
    ~ValueTurn();
    ValueTurn(const ValueTurn&) = delete;
    ValueTurn& operator=(const ValueTurn&) = delete;

  private:
    shm::OwnerWord& word_;
    shm::Roster& roster_;
};

/// A value in shared memory that is written into the copy that is not in use. One store makes that
/// the value, so it is whole at every moment, whoever dies.
template <typename T>
class TwoCopies {
  public:
    explicit TwoCopies(const T& first) : copies_{first, first} {}

    [[nodiscard]] T load(shm::Roster& roster) {
        const ValueTurn turn(word_, roster);
        return copies_[in_use_.load(std::memory_order_relaxed)];
    }

    template <typename F>
    T update(shm::Roster& roster, F&& f) {
        const ValueTurn turn(word_, roster);
        const std::uint32_t now = in_use_.load(std::memory_order_relaxed);
        T changed = copies_[now];
        f(changed);
        copies_[1 - now] = changed;
        in_use_.store(1 - now, std::memory_order_release);
        return copies_[now];
    }

    void end() noexcept { word_.end(); }

  private:
    shm::OwnerWord word_;
    std::atomic<std::uint32_t> in_use_{0};
    std::array<T, 2> copies_;
};

}  // namespace pinfold::detail
