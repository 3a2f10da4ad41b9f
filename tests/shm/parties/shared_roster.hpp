#pragma once

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <span>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm::testing {

/// A roster with words beside it, in memory that all children share.
class SharedRoster {
  public:
    explicit SharedRoster(std::uint32_t seats = 16)
        : roster_(Roster::make(arena_.allocate(Roster::bytes_for(seats)), seats)) {}
    ~SharedRoster() { roster_.close(); }
    SharedRoster(const SharedRoster&) = delete;
    SharedRoster& operator=(const SharedRoster&) = delete;

    [[nodiscard]] Roster& roster() noexcept { return roster_; }

    template <typename Word>
    [[nodiscard]] Word& make() {
        return *new (arena_.allocate(sizeof(Word))) Word();
    }

    /// For words that others lie behind.
    [[nodiscard]] void* zeros(std::size_t bytes) { return arena_.allocate(bytes); }

    /// A child that takes part under that number.
    template <typename Body>
    [[nodiscard]] std::unique_ptr<ChildProcess> start(ProcessNumber number, Body body) {
        return std::make_unique<ChildProcess>([this, number, body] {
            roster_.enter(number);
            return body();
        });
    }

    /// Kills it, reaps it and buries it.
    void kill(ChildProcess& child, ProcessNumber number) {
        child.kill(SIGKILL);
        static_cast<void>(child.exit_code());
        roster_.bury(number);
    }

    /// Waits for children numbered from 1 on, each of which is buried as soon as it has ended:
    /// others may wait for that. Returns their exit codes.
    [[nodiscard]] std::vector<int> bury_all(std::span<std::unique_ptr<ChildProcess>> children) {
        std::vector<bool> is_buried(children.size());
        while (std::ranges::find(is_buried, false) != is_buried.end()) {
            for (std::size_t i = 0; i < children.size(); ++i) {
                if (!is_buried[i] && children[i]->has_ended()) {
                    roster_.bury(static_cast<ProcessNumber>(i + 1));
                    is_buried[i] = true;
                }
            }
            usleep(100);
        }
        std::vector<int> codes;
        for (const auto& child : children) {
            codes.push_back(child->exit_code());
        }
        return codes;
    }

  private:
    Arena arena_{{.bytes = std::size_t{1} << 20}};
    Roster& roster_;
};

}  // namespace pinfold::shm::testing
