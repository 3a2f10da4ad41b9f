#pragma once

// Who waits for many futures, and is told of the end of each.
//
// A note lies in the list of its state until that ends, under the mutex of the state's home. Who
// ends a state tells the numbers of its notes, so nobody looks at those that are not done.

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <span>
#include <vector>

namespace pinfold::detail {

class Ends;

/// A place in the list of a state.
struct EndNote {
    Ends* to = nullptr;
    std::size_t number = 0;
    EndNote* next = nullptr;
};

/// Futures that somebody waits for. Thread-safety: tell() alone; but for that, one thread.
class Ends {
  public:
    Ends() = default;
    ~Ends();
    Ends(const Ends&) = delete;
    Ends& operator=(const Ends&) = delete;

    void add(std::shared_ptr<FutureState> state) { states_.push_back(std::move(state)); }
    [[nodiscard]] const std::vector<std::shared_ptr<FutureState>>& states() const noexcept {
        return states_;
    }

    /// Whether one has ended that was not taken; waits for it, at most so long.
    [[nodiscard]] bool wait(std::chrono::nanoseconds longest);

    /// The number of that one, in the order of add().
    [[nodiscard]] std::size_t take() noexcept { return in_hand_[taken_++]; }

    /// How many were not taken.
    [[nodiscard]] std::size_t left() const noexcept { return states_.size() - given_ + in_hand(); }

    // For homes.

    void tell(std::size_t number);

    /// Whether one has ended that was not taken.
    [[nodiscard]] bool is_any();

    /// Calls mark(state) for each that is pending and was not marked.
    template <typename Mark>
    void mark_new(Mark mark) {
        for (; marked_ < states_.size(); ++marked_) {
            mark(*states_[marked_]);
        }
    }

  private:
    [[nodiscard]] std::size_t in_hand() const noexcept { return in_hand_.size() - taken_; }
    void begin();
    void wait_for_any(std::chrono::nanoseconds longest) const;

    std::vector<std::shared_ptr<FutureState>> states_;
    std::vector<EndNote> notes_;  // by number
    FutureHome* home_ = nullptr;  // of all of them, if it tells their ends by itself
    std::size_t marked_ = 0;
    bool is_begun_ = false;

    std::vector<std::size_t> in_hand_;
    std::size_t taken_ = 0;  // of these
    std::size_t given_ = 0;  // that were ever in hand

    std::mutex mutex_;
    std::vector<std::size_t> told_;
};

}  // namespace pinfold::detail
