#pragma once

// How a worker calls a map for a chunk: behind the job, with the parts of the input and the output
// that are the chunk's, and with the chunk. Not for users.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/file.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

template <typename... All>
struct Types {};

/// The elements of an array, of which a map gets those of its chunk. `first` is where the range of
/// the chunks begins.
template <typename T>
struct Elements {
    using Arguments = Types<std::span<T>>;
    static constexpr std::size_t element_bytes = sizeof(T);

    std::span<T> all;
    std::uint64_t first = 0;

    [[nodiscard]] std::span<T> of(const Chunk& chunk) const noexcept {
        return all.subspan(chunk.begin - first, static_cast<std::size_t>(chunk.size()));
    }
    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        return next(of(chunk));
    }
};

/// The same of a file, which comes into the worker's memory when it first asks for elements.
template <typename T>
struct FileElements {
    using Arguments = Types<std::span<T>>;
    static constexpr std::size_t element_bytes = sizeof(T);

    const shm::detail::FileRecord* file;
    std::uint64_t first = 0;

    [[nodiscard]] std::span<T> of(const Chunk& chunk) const {
        T* const all = reinterpret_cast<T*>(shm::detail::data_of(file));
        return {all + (chunk.begin - first), static_cast<std::size_t>(chunk.size())};
    }
    template <typename Next>
    decltype(auto) give(const Chunk& chunk, const Next& next) const {
        return next(of(chunk));
    }
};

/// The job, which each chunk's map gets.
template <typename Job>
struct JobBefore {
    using Arguments = Types<const Job&>;

    Job job;

    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next(job);
    }
};

/// In the place of a job, an input or an output that a call does not have.
template <int place>
struct Without {
    using Arguments = Types<>;

    template <typename Next>
    decltype(auto) give(const Chunk&, const Next& next) const {
        return next();
    }
};
using NoJob = Without<0>;
using NoInput = Without<1>;
using NoOutput = Without<2>;

/// A map as a worker calls it: a copy in the worker's frame, whose captures may lie in registers.
/// The copy is one of the bytes, which owns nothing. A map that came as a message is none: a
/// std::map points into itself.
template <typename Map>
struct FrameCopy {
    alignas(Map) unsigned char bytes[sizeof(Map)];

    explicit FrameCopy(const Map& map) noexcept {
        __builtin_memcpy(bytes, std::addressof(map), sizeof(Map));
    }
    [[nodiscard]] const Map& map() const noexcept { return *reinterpret_cast<const Map*>(bytes); }
};

inline constexpr std::size_t largest_map_in_a_frame = 512;

/// What a call gives that a static_assert has refused, so that nothing else is said of it.
struct Refused {
    template <typename T>
    constexpr operator T() const {
        return T{};
    }
    template <typename Stream>
    friend Stream& operator<<(Stream& stream, const Refused&) {
        return stream;
    }
};

/// What a returned T is as a value: the borders of a chunk are numbers.
template <typename T>
struct ValueOf {
    using Type = T;
};
template <>
struct ValueOf<ChunkBegin> {
    using Type = std::uint64_t;
};
template <>
struct ValueOf<ChunkEnd> {
    using Type = uint128;
};

/// A call of `Map` with arguments of these types.
template <typename Map, typename... Arguments>
struct MapCall {
    static constexpr bool is_possible = std::is_invocable_v<const Map&, Arguments...>;
    static constexpr bool is_mutable = !is_possible && std::is_invocable_v<Map&, Arguments...>;

    static auto result() {
        if constexpr (is_possible) {
            return std::type_identity<std::invoke_result_t<const Map&, Arguments...>>{};
        } else {
            return std::type_identity<Refused>{};
        }
    }
    using Value = typename ValueOf<std::remove_cvref_t<typename decltype(result())::type>>::Type;

    static Value call(const Map& map, const std::remove_reference_t<Arguments>&... arguments) {
        if constexpr (sizeof(Map) > largest_map_in_a_frame || goes_as_message<Map>()) {
            return std::invoke(map, static_cast<Arguments>(arguments)...);
        } else {
            const FrameCopy<Map> copy(map);
            return std::invoke(copy.map(), static_cast<Arguments>(arguments)...);
        }
    }
};

/// A call with arguments of these types, behind which the chunk may follow.
template <typename Map, typename... Arguments>
struct ChunkCall {
    using WithChunk = MapCall<Map, Arguments..., const Chunk&>;
    using WithoutChunk = MapCall<Map, Arguments...>;

    static constexpr bool takes_chunk = WithChunk::is_possible || sizeof...(Arguments) == 0;
    using Chosen = std::conditional_t<takes_chunk, WithChunk, WithoutChunk>;
    static constexpr bool is_possible = Chosen::is_possible;
    static constexpr bool is_mutable = WithChunk::is_mutable || WithoutChunk::is_mutable;
    using Value = typename Chosen::Value;

    static Value call(const Map& map, const Chunk& chunk,
                      const std::remove_reference_t<Arguments>&... arguments) {
        if constexpr (takes_chunk) {
            return WithChunk::call(map, arguments..., chunk);
        } else {
            return WithoutChunk::call(map, arguments...);
        }
    }
};

template <typename Map, typename... Job, typename... In, typename... Out>
ChunkCall<Map, Job..., In..., Out...> call_of(Types<Job...>, Types<In...>, Types<Out...>);

/// What calls of a map need, as it lies in shared memory.
template <typename Map, typename Job, typename In = NoInput, typename Out = NoOutput>
struct MapOfChunks {
    using Call = decltype(call_of<Map>(typename Job::Arguments{}, typename In::Arguments{},
                                       typename Out::Arguments{}));

    [[no_unique_address]] Job job;
    [[no_unique_address]] Map map;
    [[no_unique_address]] In in;
    [[no_unique_address]] Out out;

    typename Call::Value operator()(const Chunk& chunk) const {
        return job.give(chunk, [&](const auto&... its_job) {
            return in.give(chunk, [&](const auto&... elements) {
                return out.give(chunk, [&](const auto&... to) {
                    return Call::call(map, chunk, its_job..., elements..., to...);
                });
            });
        });
    }
};

}  // namespace pinfold::detail
