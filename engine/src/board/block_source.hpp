#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/party.hpp>
#include <utility>

namespace pinfold::detail {

class PagePlacer;

/// Where boards take their memory from: blocks of zeros. `alignment` is a power of two, from a
/// cache line to shm::largest_alignment.
class BlockSource {
  public:
    virtual ~BlockSource() = default;
    [[nodiscard]] virtual void* take(std::size_t bytes, std::size_t alignment) = 0;
    /// The same, but not brought into memory here.
    [[nodiscard]] virtual void* take_untouched(std::size_t bytes, std::size_t alignment) {
        return take(bytes, alignment);
    }
    /// The same, but neither brought into memory nor made zero: for what is written before it is
    /// read.
    [[nodiscard]] virtual void* take_unset(std::size_t bytes, std::size_t alignment) {
        return take_untouched(bytes, alignment);
    }
    /// As take(), for what lies there by chunk: its pages lie where the chunks' workers are.
    [[nodiscard]] virtual void* take_spread(std::size_t bytes, std::size_t alignment) {
        return take(bytes, alignment);
    }
    virtual void give_back(void* block) noexcept = 0;
};

/// Memory that the pool's workers see.
class ArenaBlocks final : public BlockSource {
  public:
    /// Without a placer the system decides where pages lie.
    explicit ArenaBlocks(std::shared_ptr<shm::Arena> arena, PagePlacer* placer = nullptr)
        : arena_(std::move(arena)), placer_(placer) {}
    [[nodiscard]] void* take(std::size_t bytes, std::size_t alignment) override {
        return arena_->allocate(bytes, alignment);
    }
    [[nodiscard]] void* take_untouched(std::size_t bytes, std::size_t alignment) override {
        return arena_->allocate_untouched(bytes, alignment);
    }
    [[nodiscard]] void* take_spread(std::size_t bytes, std::size_t alignment) override;
    void give_back(void* block) noexcept override { arena_->deallocate(block); }

  private:
    std::shared_ptr<shm::Arena> arena_;
    PagePlacer* placer_;
};

/// Memory of this process alone, for jobs that the caller runs itself.
class HeapBlocks final : public BlockSource {
  public:
    [[nodiscard]] void* take(std::size_t bytes, std::size_t alignment) override;
    [[nodiscard]] void* take_unset(std::size_t bytes, std::size_t alignment) override;
    void give_back(void* block) noexcept override;
};

/// A block that goes back to its source.
class Block {
  public:
    Block() = default;
    Block(BlockSource& source, std::size_t bytes, std::size_t alignment = shm::cache_line)
        : Block(source, source.take(bytes, alignment), bytes) {}

    /// A block that the workers are the first to touch.
    static Block untouched(BlockSource& source, std::size_t bytes, std::size_t alignment) {
        return Block(source, source.take_untouched(bytes, alignment), bytes);
    }

    /// A block whose pages lie where the workers of its chunks are.
    static Block spread(BlockSource& source, std::size_t bytes, std::size_t alignment) {
        return Block(source, source.take_spread(bytes, alignment), bytes);
    }

    /// A block of which nothing is read before it is written.
    static Block unset(BlockSource& source, std::size_t bytes) {
        return Block(source, source.take_unset(bytes, shm::cache_line), bytes);
    }

    ~Block() {
        if (data_ != nullptr) {
            source_->give_back(data_);
        }
    }
    Block(Block&& other) noexcept { *this = std::move(other); }
    Block& operator=(Block&& other) noexcept {
        std::swap(source_, other.source_);
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    [[nodiscard]] void* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool is_aligned(std::size_t alignment) const noexcept {
        return reinterpret_cast<std::uintptr_t>(data_) % alignment == 0;
    }

  private:
    Block(BlockSource& source, void* data, std::size_t bytes) noexcept
        : source_(&source), data_(data), bytes_(bytes) {}

    BlockSource* source_ = nullptr;
    void* data_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace pinfold::detail
