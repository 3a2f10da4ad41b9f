#include <new>
#include <pinfold/engine/detail/shared/pipe_core.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/limits.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/pipe_word.hpp>
#include <string>
#include <system_error>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold::detail {

static_assert(1 + max_workers + most_processes <= shm::PipeEnds::most_processes);

namespace {

shm::PipeWord& pipe_in(void* words) noexcept {
    return *static_cast<shm::PipeWord*>(words);
}

SharedKind pipe_kind(const PipeCore::Shape& there, const PipeCore::Shape& back) {
    return {.name = "Pipe",
            .bytes = shm::PipeWord::bytes_for(there, back),
            .end = [](void* words) { pipe_in(words).end(); },
            .clear = [](void* words, shm::Heap& heap) { pipe_in(words).free_blocks(heap); }};
}

}  // namespace

PipeCore::PipeCore(SpaceCore& space, const Shape& there, const Shape& back)
    : owner_(space, pipe_kind(there, back)),
      word_(new (owner_.words()) shm::PipeWord()),
      out_(&word_->from(shm::PipeSide::first)),
      in_(&word_->to(shm::PipeSide::first)),
      roster_(&owner_.roster()) {
    word_->prepare(*roster_, there, back);
}

void PipeCore::close() const {
    check();
    hand_over_unseen(out_);
    word_->close(*roster_, side_);
}

bool PipeCore::is_closed() const {
    check();
    return word_->is_closed(side_);
}

bool PipeCore::is_other_gone() const {
    check();
    return word_->is_gone(shm::other(side_));
}

Enrolment PipeCore::enrolment() const {
    check();
    return {owner_,
            {.enrol =
                 [](void* words, shm::Roster&, int side, shm::ProcessNumber process) {
                     pipe_in(words).enrol(static_cast<shm::PipeSide>(side), process);
                 },
             .dismiss =
                 [](void* words, int side, shm::ProcessNumber process) {
                     pipe_in(words).dismiss(static_cast<shm::PipeSide>(side), process);
                 }},
            static_cast<int>(side_)};
}

void PipeCore::throw_timeout(const char* call) {
    throw Timeout(std::string(call) + ": no message came in that time");
}

void PipeCore::throw_refusal(Answer answer, bool is_put, const char* call) {
    switch (answer) {
        case Answer::no_closed:
            if (is_put) {
                throw BrokenPipe(call, "this end is closed");
            }
            break;
        case Answer::no_reader:
            throw BrokenPipe(call,
                             "the other end is closed, or all processes that used it have ended");
        case Answer::no_broken:
            throw PoolBroken(std::string(call) + ": " + nobody_would_tell);
        case Answer::no_own:
            throw std::system_error(
                std::make_error_code(std::errc::resource_deadlock_would_occur),
                std::string(call) + ": the calling thread is in the middle of another message");
        case Answer::no_room:
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    std::string(call) + ": " + too_many_names);
        default:
            break;
    }
    throw ObjectEnded(call);
}

}  // namespace pinfold::detail
