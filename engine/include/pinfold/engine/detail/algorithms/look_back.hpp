#pragma once

// What comes before a chunk, when what its output is depends on all chunks before it. Not for
// users.
//
// Each chunk publishes its own partial, and then the prefix through itself. A chunk finds its
// prefix from the nearest one that is published and the partials between: a left fold, so its bits
// do not depend on what was published when. A partial that is not there after a while, because its
// worker died, sleeps or is behind, is made here from the input, once more: no chunk waits for
// another one. Merrill and Garland, "Single-pass Parallel Prefix Scan with Decoupled Look-back",
// 2016; the chunks of a stream start in ascending order, so a prefix is mostly next door.

#include <atomic>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/elements.hpp>
#include <pinfold/engine/range.hpp>
#include <span>
#include <utility>

namespace pinfold::detail {

/// What of a chunk is published.
enum class Known : std::uint32_t { nothing, partial, prefix };

/// What a chunk's successors know of it. `known` says which members are written: each is written
/// before it, once in a job but for the same value.
template <typename T>
struct PublishedChunk {
    Known known;
    T partial;
    T prefix;  ///< through this chunk
};

/// Waits for a moment, some 0.1 ms, until so much is published.
PINFOLD_API bool await_known(Known& known, Known wanted) noexcept;

/// All chunks' partials, as they lie in shared memory. `Partial` makes one: partial(chunk).
template <typename T>
class LookBack {
  public:
    /// `published` has an element for what comes before all chunks, and one for each chunk.
    LookBack(PublishedChunk<T>* published, bool has_first) noexcept
        : published_(published), has_first_(has_first) {}

    /// Whether anything comes before this chunk.
    [[nodiscard]] bool has_prefix(const Chunk& chunk) const noexcept {
        return has_first_ || chunk.index != 0;
    }

    /// Returns what is published: of a chunk that runs again, what it published before.
    const T& publish_partial(const Chunk& chunk, const T& partial) const {
        PublishedChunk<T>& mine = published_[chunk.index + 1];
        if (known_of(mine) == Known::nothing) {
            std::construct_at(std::addressof(mine.partial), partial);
            set_known(mine, Known::partial);
        }
        return mine.partial;
    }
    void publish_prefix(const Chunk& chunk, const T& prefix) const {
        PublishedChunk<T>& mine = published_[chunk.index + 1];
        if (known_of(mine) != Known::prefix) {
            std::construct_at(std::addressof(mine.prefix), prefix);
            set_known(mine, Known::prefix);
        }
    }

    /// The fold of all that comes before a chunk that has a prefix.
    template <typename Op, typename MakePartial>
    [[nodiscard]] T prefix_before(const Chunk& chunk, const Op& op, const MakePartial& make) const {
        const std::uint64_t first = has_first_ ? 0 : 1;
        std::uint64_t at = chunk.index;
        while (at > first && known_of(published_[at]) != Known::prefix) {
            --at;
        }
        const bool is_there = known_of(published_[at]) == Known::prefix;
        T prefix = is_there ? published_[at].prefix : partial_of(at, make);
        for (++at; at <= chunk.index; ++at) {
            prefix = op(std::move(prefix), partial_of(at, make));
        }
        return prefix;
    }

  private:
    template <typename MakePartial>
    [[nodiscard]] T partial_of(std::uint64_t at, const MakePartial& make) const {
        PublishedChunk<T>& other = published_[at];
        if (known_of(other) != Known::nothing || await_known(other.known, Known::partial)) {
            return other.partial;
        }
        return make(at - 1);
    }

    // Release and acquire: whoever sees what is known sees the members that it stands for.
    [[nodiscard]] static Known known_of(PublishedChunk<T>& chunk) noexcept {
        return std::atomic_ref(chunk.known).load(std::memory_order_acquire);
    }
    static void set_known(PublishedChunk<T>& chunk, Known known) noexcept {
        std::atomic_ref(chunk.known).store(known, std::memory_order_release);
    }

    PublishedChunk<T>* published_;
    bool has_first_;
};

inline Numbers elements_given(const Chunk& chunk) noexcept {
    return elements_of(chunk);
}
template <typename T>
std::span<const T> elements_given(const Chunk&, std::span<const T> elements) noexcept {
    return elements;
}
template <Indexed E>
decltype(auto) elements_given(const Chunk&, const E& elements) noexcept {
    return elements_of(elements);
}

/// Calls `use` with the elements of any chunk of an input.
template <typename In, typename Use>
decltype(auto) with_elements(const In& in, const Chunk& chunk, const Use& use) {
    return in.give(chunk,
                   [&](const auto&... given) { return use(elements_given(chunk, given...)); });
}

/// In the place of an input: a map gets its chunk's elements by this, and those of any other chunk.
template <typename In, typename T>
struct InputLookingBack {
    using Arguments = Types<const InputLookingBack&>;

    [[no_unique_address]] In in;
    ChunkPlan plan;
    LookBack<T> before;

    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next(*this);
    }
};

}  // namespace pinfold::detail
