#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/shared/barrier.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold {

namespace {

using Passed = shm::BarrierWord::Passed;

void end_barrier(void* words) {
    static_cast<shm::BarrierWord*>(words)->end();
}

detail::SharedKind barrier_kind(std::uint32_t members) {
    if (members == 0 || members > shm::most_seats) {
        throw std::invalid_argument("a Barrier is for 1 to " + std::to_string(shm::most_seats) +
                                    " threads, not for " + std::to_string(members));
    }
    return {"Barrier", shm::BarrierWord::bytes_for(members), end_barrier};
}

void keep_place(void* words, shm::Roster& roster, int /*part*/, shm::ProcessNumber process) {
    auto& word = *static_cast<shm::BarrierWord*>(words);
    if (!word.keep_place(roster, process)) {
        throw std::logic_error("cannot start a Process: all " + std::to_string(word.members()) +
                               " members of a Barrier that it uses are others");
    }
}

void give_back(void* words, int /*part*/, shm::ProcessNumber process) {
    static_cast<shm::BarrierWord*>(words)->give_back(process);
}

[[noreturn]] void throw_why_not(const char* call, Passed how, std::uint32_t members) {
    switch (how) {
        case Passed::no_time:
            throw Timeout(std::string(call) + ": the time is over, and the barrier broken");
        case Passed::no_broken:
            throw PoolBroken(std::string(call) + ": " + detail::nobody_would_tell);
        case Passed::no_room:
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    std::string(call) + ": " + detail::too_many_names);
        case Passed::no_place:
            throw std::logic_error(std::string(call) + ": all " + std::to_string(members) +
                                   " members are other threads; leave() makes room");
        case Passed::no_more:
            throw ObjectEnded(call);
        default:
            throw BarrierBroken(call);
    }
}

}  // namespace

Barrier::Barrier(const Space& space, std::uint32_t members)
    : owner_(space.core(), barrier_kind(members)) {
    word().set_members(members);
}

shm::BarrierWord& Barrier::word() const {
    return *static_cast<shm::BarrierWord*>(owner_.words());
}

bool Barrier::wait_before(shm::Until until) const {
    detail::hand_over_unseen(&word());
    Passed how = word().arrive_and_wait(owner_.roster(), until);
    detail::take_over_unseen(&word());
    if (how == Passed::no_whole && owner_.roster().is_broken()) {
        how = Passed::no_broken;  // who was told that before and has ended breaks it as well
    }
    if (how != Passed::yes && how != Passed::yes_last) {
        throw_why_not("Barrier::arrive_and_wait()", how, word().members());
    }
    return how == Passed::yes_last;
}

void Barrier::join() const {
    const Passed how = word().join(owner_.roster());
    if (how != Passed::yes) {
        throw_why_not("Barrier::join()", how, word().members());
    }
}

void Barrier::leave() const {
    static_cast<void>(word().leave(owner_.roster()));
}

void Barrier::reset() const {
    word().reset(owner_.roster());
}

void Barrier::abort() const {
    word().abort(owner_.roster());
}

bool Barrier::is_broken() const {
    return !word().is_whole();
}

std::uint32_t Barrier::members() const {
    return word().members();
}

std::uint32_t Barrier::arrived() const {
    return word().arrived();
}

Barrier::operator detail::Enrolment() const {
    return {owner_, {keep_place, give_back}};
}

}  // namespace pinfold
