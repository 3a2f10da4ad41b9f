#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/engine/shared.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <utility>

#include "at_work.hpp"
#include "shared_lines.hpp"

namespace chaos {

/// One object of each kind, and the accounts of who uses them. It lies in the arena itself, so that
/// workers that were forked before it was made find it there.
struct Site {
    explicit Site(const pinfold::Space& space);

    pinfold::Queue<Note> notes;
    pinfold::Queue<Parcel> parcels;
    std::pair<pinfold::PipeEnd<Note>, pinfold::PipeEnd<Note>> pipe;  // the host's end, and theirs
    pinfold::Value<long> hits;
    pinfold::Value<Pair> pairs;
    pinfold::Mutex mutex;
    pinfold::RecursiveMutex recursive;
    pinfold::SharedMutex many;
    pinfold::LockedArray<long> array;
    pinfold::Semaphore signals;
    pinfold::BoundedSemaphore bounded;
    pinfold::Barrier barrier;
    pinfold::Event event;
    pinfold::Mutex items_mutex;
    pinfold::Condition items_changed;

    pinfold::shm::Array<Line> lines;
    pinfold::shm::Array<Marks> marks;
    pinfold::shm::Array<std::atomic<std::uint8_t>> told;  // how often each came from the pipe
    pinfold::shm::Array<Accounts> the_accounts;
    pinfold::shm::Array<pinfold::testing::AtWork> at_work;

    [[nodiscard]] Accounts& accounts() const { return the_accounts[0]; }
    [[nodiscard]] Marks& marks_of(std::uint32_t line, std::uint32_t number) const {
        return marks[std::size_t{line} * most_parcels + number - 1];
    }

    /// The first one is kept.
    void tell_fault(const std::string& text) const;

    /// Whether the process of a line is there: neither reaped nor buried.
    [[nodiscard]] bool is_there(std::uint32_t line) const;
};

}  // namespace chaos
