#pragma once

// The map of a chunk of which some elements are kept, one behind the other: it compacts them into
// memory of the worker's own, finds how many there are before the chunk, and copies them there. Not
// for users.

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/look_back.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/gather_buffer.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold::detail {

/// Keeps the elements that a predicate holds for.
template <typename Predicate>
struct KeepIf {
    Predicate holds;

    /// Calls `keep(i, is_kept)` for each element of a chunk.
    template <typename In, typename Elements, typename Keep>
    void operator()(const In&, const Chunk&, const Elements& elements, const Keep& keep) const {
        for (std::uint64_t i = 0; i < elements.size(); ++i) {
            keep(i, static_cast<bool>(std::invoke(holds, elements[i])));
        }
    }
};

/// Keeps the elements that do not equal the one before them.
template <typename Equal>
struct KeepFirsts {
    Equal equal;

    template <typename In, typename Elements, typename Keep>
    void operator()(const In& in, const Chunk& chunk, const Elements& elements,
                    const Keep& keep) const {
        keep(0, chunk.index == 0 || !equals_the_last_before(in, chunk, elements[0]));
        for (std::uint64_t i = 1; i < elements.size(); ++i) {
            keep(i, !static_cast<bool>(std::invoke(equal, elements[i - 1], elements[i])));
        }
    }

  private:
    template <typename In, typename Element>
    bool equals_the_last_before(const In& in, const Chunk& chunk, const Element& first) const {
        return with_elements(in, Chunk(chunk.begin - 1, 1, chunk.index), [&](const auto& last) {
            return static_cast<bool>(std::invoke(equal, last[0], first));
        });
    }
};

/// How many elements of a chunk are kept.
template <typename Kept, typename In>
std::uint64_t count_kept(const Kept& kept, const In& in, const Chunk& chunk) {
    return with_elements(in, chunk, [&](const auto& elements) {
        std::uint64_t count = 0;
        kept(in, chunk, elements, [&](std::uint64_t, bool is_kept) { count += is_kept ? 1U : 0U; });
        return count;
    });
}

/// In the place of an output: a map gets all of it, as room for what is kept.
template <typename Out>
struct SelectionRoom {
    using Arguments = Types<const SelectionRoom&>;

    [[no_unique_address]] Out out;
    std::uint64_t size = 0;

    [[nodiscard]] auto all() const { return out.of(Chunk(0, size, 0)); }
    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next(*this);
    }
};

/// The map that copies what is kept, as values of type T.
template <typename T, typename Kept>
struct SelectElements {
    static_assert(alignof(T) <= 64, "what is copied so is aligned to at most 64 bytes");

    Kept kept;

    template <typename In, typename Out>
    void operator()(const InputLookingBack<In, std::uint64_t>& input,
                    const SelectionRoom<Out>& room, const Chunk& chunk) const {
        GatherMemory memory;
        if (memory.bytes() < chunk.size() * sizeof(T)) {
            memory.grow(0, chunk.size() * sizeof(T));
        }
        T* const compact = reinterpret_cast<T*>(memory.data());
        const std::uint64_t count = compacted(input.in, chunk, compact);
        const LookBack<std::uint64_t>& before = input.before;
        const std::uint64_t published = before.publish_partial(chunk, count);
        const std::uint64_t begin = before.prefix_before(
            chunk, std::plus<>{},
            [&](std::uint64_t index) { return count_kept(kept, input.in, input.plan[index]); });
        if (count != published || begin > room.size || count > room.size - begin) {
            refuse_other_selection();  // it would write over what others have written
        }
        before.publish_prefix(chunk, begin + count);
        if (count != 0) {
            std::memcpy(room.all().data() + begin, compact, count * sizeof(T));
        }
    }

  private:
    /// Each element is written, and stays if it is kept: without a branch, which is mostly foreseen
    /// wrong where about half of them are.
    template <typename In>
    std::uint64_t compacted(const In& in, const Chunk& chunk, T* compact) const {
        return with_elements(in, chunk, [&](const auto& elements) {
            T* end = compact;
            kept(in, chunk, elements, [&](std::uint64_t i, bool is_kept) {
                std::construct_at(end, static_cast<T>(elements[i]));
                end += is_kept ? 1 : 0;
            });
            return static_cast<std::uint64_t>(end - compact);
        });
    }
};

}  // namespace pinfold::detail
