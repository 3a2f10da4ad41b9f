#include "results/worker_blocks.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

namespace pinfold::detail {

void refuse_other_size(const char* what) {
    throw std::logic_error(std::string(what) +
                           " took another number of bytes when it was written again: does its "
                           "serialize() change it?");
}

std::byte* WorkerBlocks::take(std::size_t bytes) {
    void* block = nullptr;
    if (heap_ != nullptr) {
        block = heap_->allocate(party_, bytes);
    } else {
        own_.reserve(own_.size() + 1);
        block = std::malloc(bytes);
        if (block == nullptr) {
            throw std::bad_alloc();
        }
        own_.push_back(block);
    }
    holds_any_ = true;
    return static_cast<std::byte*>(block);
}

// Most results lie in their slots.
void WorkerBlocks::give_over() noexcept {
    if (holds_any_) {
        holds_any_ = false;
        own_.clear();
        if (heap_ != nullptr) {
            heap_->give_over(party_);
        }
    }
}

void WorkerBlocks::drop() noexcept {
    if (holds_any_) {
        holds_any_ = false;
        for (void* const block : own_) {
            std::free(block);
        }
        own_.clear();
        if (heap_ != nullptr) {
            heap_->drop_held(party_);
        }
    }
}

void free_block(shm::Heap* heap, void* block) noexcept {
    if (heap != nullptr) {
        heap->deallocate(host_party, block);
    } else {
        std::free(block);
    }
}

}  // namespace pinfold::detail
