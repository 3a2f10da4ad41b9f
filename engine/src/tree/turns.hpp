#pragma once

#include <functional>

#include "tree/work.hpp"

namespace pinfold::detail {

/// A worker's round of the kinds of work, each of which has its turn.
class Turns final : private Shift {
  public:
    /// `is_over` says whether the worker is to end; it is asked after each batch.
    Turns(Works works, WorkerNumber worker, std::function<bool()> is_over)
        : works_(works), worker_(worker), is_over_(std::move(is_over)) {}

    /// Gives each kind a turn. Returns whether anything was done.
    bool take_each() {
        bool did = false;
        for (current_ = 0; current_ < works_.size() && !is_over(); ++current_) {
            did |= works_[current_]->work_in_turn(worker_, *this);
        }
        return did;
    }

  private:
    [[nodiscard]] bool is_over() const noexcept override { return is_over_(); }

    [[nodiscard]] bool others_wait() const noexcept override {
        for (std::size_t i = 0; i < works_.size(); ++i) {
            if (i != current_ && works_[i]->is_open()) {
                return true;
            }
        }
        return false;
    }

    const Works works_;
    const WorkerNumber worker_;
    const std::function<bool()> is_over_;
    std::size_t current_ = 0;
};

/// Whether any kind of work is open.
[[nodiscard]] inline bool any_is_open(Works works) noexcept {
    for (const Work* const work : works) {
        if (work->is_open()) {
            return true;
        }
    }
    return false;
}

}  // namespace pinfold::detail
