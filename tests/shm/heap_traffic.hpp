#pragma once

// What tests of a heap's deaths have its parties do: take blocks, fill them, publish them in boxes,
// and free what they find in boxes, some of it held again before the box forgets it. What a death
// leaves of that is cleared up from the boxes alone.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <vector>

namespace pinfold::shm::testing {

/// Blocks that are published together, by one store.
struct Box {
    enum State : std::uint32_t { empty, filling, full, emptying };
    struct Content {
        std::byte* data;
        std::size_t bytes;
        std::byte mark;
    };

    // The state, and the party that fills or empties it.
    std::atomic<std::uint32_t> state{0};
    std::atomic<std::uint32_t> count{0};
    std::atomic<std::uint32_t> next{0};  // the first of its blocks that may not be freed yet
    std::array<Content, 4> contents{};

    static std::uint32_t of(State state, PartyNumber party) { return state | party << 2; }
};

class Traffic {
  public:
    static constexpr std::size_t boxes = 24;

    Traffic(Arena& arena, std::size_t most_bytes)
        : heap_(*arena.heap()),
          boxes_(static_cast<Box*>(arena.allocate(boxes * sizeof(Box)))),
          most_bytes_(most_bytes) {
        std::uninitialized_default_construct_n(boxes_, boxes);
    }

    /// Fills a box or empties one, as chance will have it. False when a block was not what its
    /// taker left. For parties that hold what they take.
    [[nodiscard]] bool go_on(PartyNumber party, std::mt19937_64& random) {
        for (std::size_t i = 0; i < boxes; ++i) {
            Box& box = boxes_[random() % boxes];
            std::uint32_t state = box.state.load();
            if (state == Box::empty &&
                box.state.compare_exchange_strong(state, Box::of(Box::filling, party))) {
                fill(box, party, random);
                return true;
            }
            if (state == Box::full &&
                box.state.compare_exchange_strong(state, Box::of(Box::emptying, party))) {
                return drain(box, party);
            }
        }
        return true;
    }

    /// Buries a dead party and puts its boxes right.
    void bury(PartyNumber party) {
        heap_.bury(party, is_published(party));
        for (std::size_t i = 0; i < boxes; ++i) {
            Box& box = boxes_[i];
            const std::uint32_t state = box.state.load();
            if (state == Box::of(Box::emptying, party)) {
                // Of the first one it is not known whether the dead party had named it.
                const std::uint32_t next = box.next.load();
                if (next < box.count.load()) {
                    doubtful_.push_back(box.contents[next]);
                }
                box.next = next + 1;
                static_cast<void>(drain(box, 0));
            } else if (state == Box::of(Box::filling, party)) {
                box.state = Box::empty;
            }
        }
    }

    /// Whether what the party held, if anything, is in a full box. To be asked before its burial.
    [[nodiscard]] bool is_published(PartyNumber party) const {
        return std::none_of(boxes_, boxes_ + boxes, [&](const Box& box) {
            const std::uint32_t state = box.state.load();
            return state == Box::of(Box::filling, party) || state == Box::of(Box::emptying, party);
        });
    }

    /// Empties all boxes that are full, as the host.
    [[nodiscard]] bool drain_all() {
        bool right = true;
        for (std::size_t i = 0; i < boxes; ++i) {
            std::uint32_t state = Box::full;
            if (boxes_[i].state.compare_exchange_strong(state, Box::of(Box::emptying, 0))) {
                right = drain(boxes_[i], 0) && right;
            }
        }
        return right;
    }

    /// Blocks that are freed, or the last ones that are alive.
    [[nodiscard]] const std::vector<Box::Content>& doubtful() const { return doubtful_; }

  private:
    /// A full heap, or chance, may leave the box empty.
    void fill(Box& box, PartyNumber party, std::mt19937_64& random) {
        const std::size_t count = 1 + random() % box.contents.size();
        try {
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t bytes = 1 + random() % (1 + (most_bytes_ >> random() % 16));
                box.contents[i] = {static_cast<std::byte*>(heap_.allocate(party, bytes)), bytes,
                                   static_cast<std::byte>(random())};
                std::memset(box.contents[i].data, std::to_integer<int>(box.contents[i].mark),
                            bytes);
            }
        } catch (const HeapFull&) {
            heap_.drop_held(party);
            box.state = Box::empty;
            return;
        }
        if (random() % 8 == 0) {
            heap_.drop_held(party);
            box.state = Box::empty;
            return;
        }
        box.count = static_cast<std::uint32_t>(count);
        box.next = 0;
        box.state = Box::full;
        heap_.give_over(party);
    }

    bool drain(Box& box, PartyNumber party) {
        bool right = true;
        const std::uint32_t count = box.count.load();
        while (box.next.load() < count) {
            const Box::Content& content = box.contents[box.next.load()];
            right = right && std::all_of(content.data, content.data + content.bytes,
                                         [&](std::byte b) { return b == content.mark; });
            if (party != 0 && content.bytes % 2 == 0) {
                // As whoever takes it from where others find it: no death makes it doubtful.
                heap_.hold(party, content.data);
                box.next.fetch_add(1);
                heap_.deallocate(party, content.data);
            } else {
                heap_.deallocate(party, content.data);
                box.next.fetch_add(1);
            }
        }
        box.state = Box::empty;
        return right;
    }

    Heap& heap_;
    Box* boxes_;
    std::size_t most_bytes_;
    std::vector<Box::Content> doubtful_;
};

}  // namespace pinfold::shm::testing
