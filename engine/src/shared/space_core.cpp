#include "shared/space_core.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "tree/worker_process.hpp"

namespace pinfold::detail {

SpaceCore::SpaceCore(std::shared_ptr<shm::Arena> arena, const SpaceLimits& limits)
    : arena_(std::move(arena)), limits_(limits) {
    const auto seats = static_cast<std::uint32_t>(limits_.seats);
    memory_bytes_ = shm::Roster::bytes_for(seats) + limits_.processes * sizeof(ProcessRecord);
    memory_ = mmap(nullptr, memory_bytes_, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory_ == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(),
                                "no address space for those who use shared objects");
    }
    known_.emplace(std::span(static_cast<const std::byte*>(memory_), memory_bytes_));
    roster_ = &shm::Roster::make(memory_, seats);
    roster_->use_heap(*arena_->heap(), static_cast<shm::PartyNumber>(limits_.workers));
}

SpaceCore::~SpaceCore() {
    if (!maker_.holds()) {
        static_cast<void>(keeper_.release());  // its thread, and who waits for it, are the maker's
    } else {
        if (keeper_ && keeper_->living() != 0) {
            roster_->break_up();  // they live on by themselves, and nobody buries them
        }
        keeper_.reset();
        roster_->close();
    }
    known_.reset();
    munmap(memory_, memory_bytes_);
}

void SpaceCore::check_owner() const {
    if (!maker_.holds()) {
        throw std::logic_error(
            "shared objects and Processes are made by the process that made their pool, and "
            "process " +
            std::to_string(getpid()) + " is another: make them there, and capture them");
    }
}

void* SpaceCore::allocate(std::size_t bytes) {
    check_owner();
    if (supervised_.pid != 0) {
        static_cast<void>(keeper());  // before anybody waits
    }
    free_what_was_left();
    return arena_->allocate(bytes);
}

void SpaceCore::set_supervisor(Supervised supervised) {
    supervised_ = std::move(supervised);
}

void SpaceCore::forget_supervisor() noexcept {
    const std::scoped_lock lock(mutex_);
    supervised_ = {};
    if (keeper_) {
        keeper_->forget_supervisor();
    }
}

Keeper& SpaceCore::keeper() {
    const std::scoped_lock lock(mutex_);
    if (!keeper_) {
        auto* const records = reinterpret_cast<ProcessRecord*>(
            static_cast<std::byte*>(memory_) +
            shm::Roster::bytes_for(static_cast<std::uint32_t>(limits_.seats)));
        keeper_ = std::make_unique<Keeper>(
            Keeper::Places{*roster_,
                           static_cast<shm::ProcessNumber>(1 + limits_.workers),
                           {records, limits_.processes}},
            supervised_);
    }
    return *keeper_;
}

void SpaceCore::give_birth(const Birth& birth) {
    if (inside_worker_process()) {
        throw std::logic_error("a Process is made in a worker: only the program itself makes one");
    }
    check_owner();
    if (roster_->is_broken()) {
        throw PoolBroken("cannot start a Process: the processes of its pool have ended");
    }
    keeper().give_birth(birth);
}

void SpaceCore::deallocate(const Leaving& object) noexcept {
    const std::scoped_lock lock(mutex_);
    if (!try_to_free(object)) {
        leaving_.push_back(object);
    }
}

bool SpaceCore::try_to_free(const Leaving& object) noexcept {
    // Whoever comes to the block from now on finds that its words have ended; who came before is
    // seen after the fence.
    if (!shm::heavy_fence() || roster_->is_anyone_at(object.block, object.bytes)) {
        return false;
    }
    if (roster_->is_broken()) {
        return false;  // whoever broke it may be about to ring for one that has left just now
    }
    if (object.clear != nullptr) {
        object.clear(object.words, *arena_->heap());
    }
    arena_->deallocate(object.block);
    return true;
}

void SpaceCore::free_what_was_left() noexcept {
    const std::scoped_lock lock(mutex_);
    std::erase_if(leaving_, [this](const Leaving& each) { return try_to_free(each); });
}

}  // namespace pinfold::detail

namespace pinfold {

std::shared_ptr<shm::Arena> Space::arena() const {
    return core_->arena();
}

}  // namespace pinfold
