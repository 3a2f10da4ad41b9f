#include <algorithm>
#include <cstring>
#include <new>
#include <pinfold/engine/detail/keyed/keyed_memory.hpp>
#include <utility>

namespace pinfold::detail {

namespace {

constexpr std::align_val_t line{64};

// A worker keeps no more between two jobs.
constexpr std::size_t most_kept_bytes = std::size_t{16} << 20;

constexpr std::size_t copies_block_bytes = std::size_t{64} << 10;

std::unique_ptr<KeyedMemory>& kept_of_this_thread() noexcept {
    thread_local std::unique_ptr<KeyedMemory> kept;
    return kept;
}

}  // namespace

void KeyedBuffer::Free::operator()(std::byte* memory) const noexcept {
    ::operator delete(memory, line);
}

void KeyedBuffer::grow(std::size_t used, std::size_t needed) {
    const std::size_t wanted = std::max(needed, 2 * used);
    std::unique_ptr<std::byte, Free> larger(static_cast<std::byte*>(::operator new(wanted, line)));
    if (used != 0) {
        std::memcpy(larger.get(), bytes_.get(), used);
    }
    bytes_ = std::move(larger);
    size_ = wanted;
}

std::string_view KeyCopies::add(std::string_view text) {
    if (text.size() > left_) {
        const std::size_t wanted = std::max(text.size(), copies_block_bytes);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(wanted));
        free_ = blocks_.back().get();
        left_ = wanted;
        bytes_ += wanted;
    }
    char* const to = free_;
    std::memcpy(to, text.data(), text.size());
    free_ += text.size();
    left_ -= text.size();
    return {to, text.size()};
}

void KeyCopies::clear() noexcept {
    blocks_.clear();
    free_ = nullptr;
    left_ = 0;
    bytes_ = 0;
}

KeptMemory::KeptMemory() : memory_(std::exchange(kept_of_this_thread(), nullptr)) {
    if (!memory_) {
        memory_ = std::make_unique<KeyedMemory>();
    }
}

KeptMemory::~KeptMemory() {
    memory_->copies.clear();
    const KeyedMemory& all = *memory_;
    std::size_t bytes = all.rows.bytes() + all.slots.bytes() + all.values.bytes() +
                        all.members.bytes() + all.places.bytes();
    for (const KeyedBuffer& dealt : all.dealt) {
        bytes += dealt.bytes();
    }
    if (bytes <= most_kept_bytes && !kept_of_this_thread()) {
        kept_of_this_thread() = std::move(memory_);
    }
}

}  // namespace pinfold::detail
