#include <new>
#include <pinfold/shm/parties/pipe_word.hpp>

#include "parties/membership.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::Name;
using detail::NameKind;
using detail::PartyStep;
using detail::Seat;
using detail::whole_lines;

namespace {

std::size_t slots_for(const PipeChannel::Shape& shape) {
    return shape.capacity == 0 ? 0 : whole_lines(PipeChannel::bytes_for(shape));
}

}  // namespace

std::size_t PipeWord::bytes_for(const Shape& there, const Shape& back) {
    const std::size_t there_bytes = whole_lines(PipeChannel::bytes_for(there));
    std::size_t bytes = sizeof(PipeWord);
    if (__builtin_add_overflow(bytes, there_bytes, &bytes) ||
        __builtin_add_overflow(bytes, slots_for(back), &bytes)) {
        throw std::bad_alloc();
    }
    return bytes;
}

void PipeWord::prepare(Roster& roster, const Shape& there, const Shape& back) noexcept {
    auto* const slots = reinterpret_cast<std::byte*>(this + 1);
    from(PipeSide::first).prepare(slots, there, ends_, PipeSide::first);
    if (back.capacity != 0) {
        from(PipeSide::second).prepare(slots + slots_for(there), back, ends_, PipeSide::second);
    }
    roster_ = &roster;
    roster.add(*this);
}

void PipeWord::close(Roster& roster, PipeSide side) {
    Seat& seat = detail::seat_in(roster);
    // So that a burial rings them, if the thread dies before it does. Where the seat has no room
    // for all, those that it has room for.
    std::array<Name, 8> names;
    std::size_t named = 0;
    for (PipeChannel& channel : channels_) {
        for (Doorbell* const bell : channel.bells()) {
            const Name name(NameKind::bell, bell);
            if (seat.note(name)) {
                names[named++] = name;
            }
        }
    }
    detail::reached(PartyStep::named);
    ends_.close(side);
    detail::reached(PartyStep::closed);
    for (PipeChannel& channel : channels_) {
        for (Doorbell* const bell : channel.bells()) {
            bell->ring();
        }
    }
    while (named > 0) {
        seat.forget(names[--named]);
        detail::reached(PartyStep::forgot);
    }
}

void PipeWord::end() noexcept {
    roster_->remove(*this);
    for (PipeChannel& channel : channels_) {
        channel.end();
    }
}

void PipeWord::free_blocks(Heap& heap) noexcept {
    for (PipeChannel& channel : channels_) {
        channel.free_blocks(heap);
    }
}

void PipeWord::bury(ProcessNumber process, bool tells_anyway) noexcept {
    bool has_left = tells_anyway;
    for (const PipeSide side : {PipeSide::first, PipeSide::second}) {
        has_left = ends_.leave(side, process) || has_left;
    }
    for (PipeChannel& channel : channels_) {
        channel.forget_process(process);
    }
    if (has_left) {
        tell_of_leaver();
    }
}

/// Those who used the end may all have died while it was thought that the process would come.
void PipeWord::dismiss(PipeSide side, ProcessNumber process) noexcept {
    ends_.strike(side, process);
    tell_of_leaver();
}

void PipeWord::tell_of_leaver() noexcept {
    ends_.count_leaver();
    detail::reached(PartyStep::buried_user);
    for (PipeChannel& channel : channels_) {
        for (Doorbell* const bell : channel.bells()) {
            bell->ring_after_death();
        }
    }
}

}  // namespace pinfold::shm
