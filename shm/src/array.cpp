// Owners of an array's elements. The count lies in the arena, in a block of its own, so that an
// Array has pointers into the arena alone and a closure with one means the same in every process.
// Only the process that made the arena reads or writes it: there each copy counts.
//
//     Array ──► elements     in the arena
//       └─────► Count        in the arena: owners, the maker's mark ──► Arena, the maker's
//
// What each death does. A worker, or any other child, at any step: nothing, since it counts
// nothing; the elements stay for the rest. The maker: its tree ends with it, and the arena with the
// last process that maps it. Between the two allocations nobody but the maker's thread knows of
// them.

#include <atomic>
#include <limits>
#include <new>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/process_mark.hpp>

namespace pinfold::shm::detail {

struct ArrayOwner::Count {
    Count(std::shared_ptr<Arena> the_arena, void* the_elements)
        : elements(the_elements), arena(std::move(the_arena)) {}

    std::atomic<std::size_t> owners{1};
    const ProcessMark maker = mark_of_this_process();
    void* const elements;
    std::shared_ptr<Arena> arena;
};

void* ArrayOwner::allocate_elements(std::shared_ptr<Arena> arena, std::size_t size,
                                    std::size_t alignment, const ElementType& type,
                                    const BlockPages& pages) {
    if (size > std::numeric_limits<std::size_t>::max() / type.bytes) {
        throw std::bad_array_new_length();
    }
    void* const elements = arena->allocate_elements(size * type.bytes, alignment, type, pages);
    begin_count(std::move(arena), elements);
    return elements;
}

void ArrayOwner::adopt(std::shared_ptr<Arena> arena, void* elements, std::size_t bytes,
                       const ElementType& type) {
    try {
        arena->note_elements(elements, bytes, type);
    } catch (...) {
        arena->deallocate(elements);
        throw;
    }
    begin_count(std::move(arena), elements);
}

void ArrayOwner::begin_count(std::shared_ptr<Arena> arena, void* elements) {
    try {
        void* const count = arena->allocate(sizeof(Count), alignof(Count));
        count_ = new (count) Count(std::move(arena), elements);
    } catch (...) {
        arena->deallocate(elements);
        throw;
    }
}

void ArrayOwner::join() noexcept {
    if (count_->maker.holds()) {
        count_->owners.fetch_add(1, std::memory_order_relaxed);
    } else {
        count_ = nullptr;  // a view, which may end after the elements and their count
    }
}

void ArrayOwner::leave() noexcept {
    // Acquire and release: whoever frees the elements has seen what the others did with them.
    if (!count_->maker.holds() || count_->owners.fetch_sub(1, std::memory_order_acq_rel) > 1) {
        return;
    }
    const std::shared_ptr<Arena> arena = std::move(count_->arena);
    arena->deallocate(count_->elements);
    count_->~Count();
    arena->deallocate(count_);
}

}  // namespace pinfold::shm::detail
