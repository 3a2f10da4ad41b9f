#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <utility>

namespace pinfold::shm {
class Heap;
}

namespace pinfold::detail {

class SpaceCore;

/// What a kind of shared object tells of its words: they lie in shared memory, and begin as zeros.
struct SharedKind {
    const char* name = "";  ///< as a user writes it, for errors
    std::size_t bytes = 0;
    void (*end)(void* words) = nullptr;  ///< wakes all who wait there; nobody comes any more
    /// Frees what the words have of the heap, when no thread is at them any more.
    void (*clear)(void* words, shm::Heap& heap) = nullptr;
};

//     handle ──► Head, words     one block of the arena
//                  └──► SpaceCore, the maker's

/// Who owns a shared object: every copy of its handle in the process that made it. The last one
/// ends the object. A copy elsewhere is a view: it is valid while the maker has a copy.
///
/// It holds pointers into shared memory alone, so its bytes mean the same in every process of the
/// space.
///
/// Thread-safety: that of a std::shared_ptr.
class PINFOLD_API SharedOwner {
  public:
    SharedOwner() = default;
    /// Throws std::system_error like Arena::allocate(); std::logic_error in a worker.
    SharedOwner(SpaceCore& space, const SharedKind& kind);
    ~SharedOwner() {
        if (head_ != nullptr) {
            leave();
        }
    }
    SharedOwner(const SharedOwner& other) noexcept : head_(other.head_) {
        if (head_ != nullptr) {
            join();
        }
    }
    SharedOwner(SharedOwner&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
    SharedOwner& operator=(SharedOwner other) noexcept {
        std::swap(head_, other.head_);
        return *this;
    }

    /// Throws std::logic_error for a handle that was moved from.
    [[nodiscard]] shm::Roster& roster() const { return *start().roster; }
    [[nodiscard]] void* words() const { return start().words; }

    /// What they throw, for handles that know by their own pointers that they were moved from.
    [[noreturn]] static void throw_moved_from();

  private:
    /// What a block begins with, for all processes, and for each use of the object.
    struct Start {
        shm::Roster* roster;
        void* words;
    };
    struct Head;

    [[nodiscard]] const Start& start() const {
        if (head_ == nullptr) [[unlikely]] {
            throw_moved_from();
        }
        return *head_;
    }
    [[nodiscard]] Head& head() const noexcept;
    void join() noexcept;
    void leave() noexcept;

    Start* head_ = nullptr;
};

}  // namespace pinfold::detail
