// A block that grows:
//
//     data          size         present               room
//      ├─ elements ──┤── memory ────┤── address space ──┤
//
// Room is taken by halves more, so that a block that has to move does so seldom. Memory is brought
// in by eighths more, since a look at the budget costs up to 0.1 ms; but never more than a step,
// which is what all of this holds too much.

#include <algorithm>
#include <cstring>
#include <pinfold/shm/growing_array.hpp>
#include <system_error>

namespace pinfold::shm::detail {

namespace {

constexpr std::size_t least_room = std::size_t{64} << 10;
constexpr std::size_t least_step = std::size_t{64} << 10;
constexpr std::size_t most_step = std::size_t{16} << 20;

// Of the arena's address space, behind what somebody reserved and may never use: for the board of a
// job, and small arrays.
constexpr std::size_t left_for_others = std::size_t{8} << 20;

}  // namespace

GrowingBytes::~GrowingBytes() {
    if (room_.data != nullptr) {
        arena_->deallocate(room_.data);
    }
}

GrowingBytes::GrowingBytes(GrowingBytes&& other) noexcept
    : arena_(other.arena_),
      alignment_(other.alignment_),
      room_(std::exchange(other.room_, {})),
      size_(std::exchange(other.size_, 0)),
      present_(std::exchange(other.present_, 0)) {}

void GrowingBytes::append(const void* data, std::size_t bytes) {
    if (bytes != 0) {
        std::memcpy(make_room(bytes), data, bytes);
        size_ += bytes;
    }
}

bool GrowingBytes::try_reserve(std::size_t bytes) {
    try {
        room_ = arena_->allocate_room(bytes + left_for_others, bytes + left_for_others, alignment_);
    } catch (const std::system_error&) {
        return false;
    }
    arena_->shrink(room_.data, bytes);
    room_.bytes = bytes;
    return true;
}

void GrowingBytes::grow(std::size_t bytes) {
    const std::size_t needed = size_ + bytes;
    if (room_.bytes < needed) {
        const std::size_t wanted = std::max(needed + needed / 2, least_room);
        if (room_.data == nullptr) {
            room_ = arena_->allocate_room(needed, wanted, alignment_);
        } else {
            const std::byte* const before = room_.data;
            room_ = arena_->grow(room_.data, size_, needed, wanted);
            present_ = room_.data == before ? present_ : size_;
        }
    }
    if (present_ < needed) {
        const std::size_t step = std::clamp(size_ / 8, least_step, most_step);
        const std::size_t end = std::min(std::max(needed, present_ + step), room_.bytes);
        arena_->bring_in(room_.data + present_, end - present_);
        present_ = end;
    }
}

std::byte* GrowingBytes::release() noexcept {
    if (room_.data != nullptr) {
        arena_->shrink(room_.data, size_);
    }
    size_ = 0;
    present_ = 0;
    return std::exchange(room_, {}).data;
}

}  // namespace pinfold::shm::detail
