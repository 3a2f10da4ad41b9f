#pragma once

// Jobs whose chunks have results of any number, which become one array.

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/gather_buffer.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/growing_array.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

namespace detail {
template <typename T>
struct AppenderOf;
}

/// Where a map of gather() puts the elements of its chunk: memory of the worker's own, which is
/// empty when the map begins. Valid while the map runs, in its thread.
///
///     pinfold::Pool pool;
///     const auto odd = pinfold::gather<int>(
///         pool, pinfold::Range{0, 10}, [](const pinfold::Chunk& c, pinfold::Appender<int>& out) {
///             for (auto k : c) {
///                 if (k % 2 == 1) {
///                     out.push_back(int(k));
///                 }
///             }
///         });
///     assert(odd.value.size() == 5 && odd.value[4] == 9);
template <typename T>
class Appender {
  public:
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// Throw std::bad_alloc, of which the engine makes what it makes of any.
    void push_back(const T& element) {
        if (size_ == room_) [[unlikely]] {
            const T copy = element;  // it may lie in what moves
            grow(1);
            new (data_ + size_++) T(copy);
        } else {
            new (data_ + size_++) T(element);
        }
    }

    /// All of them, which may not lie in this.
    void append(std::span<const T> elements) {
        if (elements.size() > room_ - size_) [[unlikely]] {
            grow(elements.size());
        }
        if (!elements.empty()) {
            std::memcpy(data_ + size_, elements.data(), elements.size_bytes());
        }
        size_ += elements.size();
    }

    /// Elements so far, of this chunk.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    friend struct detail::AppenderOf<T>;
    static_assert(alignof(T) <= 64, "what is gathered is aligned to at most 64 bytes");

    Appender() noexcept { take_memory(); }
    void take_memory() noexcept {
        data_ = reinterpret_cast<T*>(memory_.data());
        room_ = memory_.bytes() / sizeof(T);
    }
    [[gnu::noinline, gnu::cold]] void grow(std::size_t more) {
        memory_.grow(size_ * sizeof(T), (size_ + more) * sizeof(T));
        take_memory();
    }

    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    detail::GatherMemory memory_;
};

/// The same for elements that are no plain bytes and cross as messages: strings, vectors.
template <typename T>
requires(!shm::Shareable<T>) class Appender<T> {
  public:
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    void push_back(T element) { elements_.push_back(std::move(element)); }
    void append(std::span<const T> elements) {
        elements_.insert(elements_.end(), elements.begin(), elements.end());
    }
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }

  private:
    friend struct detail::AppenderOf<T>;
    Appender() = default;

    std::vector<T> elements_;
};

namespace detail {

/// The engine's way into an Appender.
template <typename T>
struct AppenderOf {
    Appender<T> out;

    void clear() noexcept { out.size_ = 0; }
    [[nodiscard]] GatheredPart part() const noexcept { return {out.data_, out.size_ * sizeof(T)}; }
    [[nodiscard]] std::vector<T> take() noexcept { return std::move(out.elements_); }
};

/// In the place of an output: the map appends to it.
template <typename T>
struct GatherTo {};

template <typename Map, typename T, typename... Arguments>
struct GatherCall {
    using Out = Appender<T>&;
    static constexpr bool takes_chunk =
        std::is_invocable_v<const Map&, Arguments..., const Chunk&, Out>;
    static constexpr bool is_possible =
        takes_chunk ||
        (sizeof...(Arguments) != 0 && std::is_invocable_v<const Map&, Arguments..., Out>);
    static constexpr bool is_mutable =
        !is_possible && std::is_invocable_v<Map&, Arguments..., const Chunk&, Out>;

    static void call(const Map& map, const Chunk& chunk, Out out,
                     const std::remove_reference_t<Arguments>&... arguments) {
        if constexpr (takes_chunk) {
            std::invoke(map, static_cast<Arguments>(arguments)..., chunk, out);
        } else {
            std::invoke(map, static_cast<Arguments>(arguments)..., out);
        }
    }
};

template <typename Map, typename T, typename... Job, typename... In>
GatherCall<Map, T, Job..., In...> gather_call_of(Types<Job...>, Types<In...>);

template <typename Map, typename Job, typename In, typename T>
struct MapOfChunks<Map, Job, In, GatherTo<T>> {
    using Call =
        decltype(gather_call_of<Map, T>(typename Job::Arguments{}, typename In::Arguments{}));

    [[no_unique_address]] Job job;
    [[no_unique_address]] Map map;
    [[no_unique_address]] In in;
    [[no_unique_address]] GatherTo<T> out;

    void operator()(const Chunk& chunk, Appender<T>& to) const {
        job.give(chunk, [&](const auto&... its_job) {
            in.give(chunk, [&](const auto&... elements) {
                if constexpr (sizeof(Map) > largest_map_in_a_frame || goes_as_message<Map>()) {
                    Call::call(map, chunk, to, its_job..., elements...);
                } else {
                    const FrameCopy<Map> copy(map);
                    Call::call(copy.map(), chunk, to, its_job..., elements...);
                }
            });
        });
    }
};

template <typename T, typename In, typename Job, typename Map>
using MapOfGather = MapOfChunks<Meant<Map>, decltype(job_before(std::declval<const Job&>())),
                                typename InputOf<In>::Data, GatherTo<T>>;

template <typename T>
consteval bool check_gathered() {
    if constexpr (shm::Shareable<T>) {
        return true;
    } else {
        return check_result_crosses<std::vector<T>>();
    }
}

template <typename T, typename In, typename Job, typename Map>
consteval bool check_gather() {
    if constexpr (check_input<In>() && check_job_type<Job>() && check_function<Map>() &&
                  check_gathered<T>() && check_outlives<typename InputOf<In>::Data, T>()) {
        using Call = typename MapOfGather<T, In, Job, Map>::Call;
        static_assert(Call::is_possible || !check_constant<Call>(),
                      "pinfold: the map of gather<T> is called as map(chunk, out) of a range, "
                      "map(elements, chunk, out) or map(elements, out) of an array, behind the job "
                      "where there is one; out is a pinfold::Appender<T>&, as in `auto& out`");
        return Call::is_possible;
    }
    return false;
}

template <typename T>
struct GatheredAs {
    using Type = std::vector<T>;
};
template <shm::Shareable T>
struct GatheredAs<T> {
    using Type = shm::Array<T>;
};
template <typename T>
using Gathered = typename GatheredAs<T>::Type;

/// A job whose slots have the bytes of what each chunk gathered.
template <typename T, typename Call>
JobSpec spec_of_parts(const ChunkPlan& plan, const Call& call, const JobSettings& settings) {
    JobSpec spec = spec_of_slots(plan, settings, are_same_parts<T>);
    spec.same = shm::same_value<T>();
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            AppenderOf<T> appender;
            const auto map = [&appender](const ChunkRow& row) {
                appender.clear();
                row.job_as<typename Call::Data>()(row.chunk(), appender.out);
                return appender.part();
            };
            run_row_with_slots<GatheredPart>(own, map, write_part);
        });
    };
    return spec;
}

/// The same of messages.
template <typename T, typename Call>
JobSpec spec_of_vectors(const ChunkPlan& plan, const Call& call, const JobSettings& settings) {
    JobSpec spec = job_spec<std::vector<T>>(plan, settings);
    call.describe(spec);
    spec.call = [](ChunkRow& chunks) {
        Call::with_data(chunks, [](ChunkRow& own) {
            run_row_with_messages<std::vector<T>>(own, [](const ChunkRow& row) {
                AppenderOf<T> appender;
                row.job_as<typename Call::Data>()(row.chunk(), appender.out);
                return appender.take();
            });
        });
    };
    return spec;
}

template <typename T, typename In, typename Job, typename Map>
JobResult<Gathered<T>> map_and_gather(Pool& pool, const In& in, const Job& job, const Map& map,
                                      const JobSettings& settings) {
    JobResult<Gathered<T>> result;
    if constexpr (check_gather<T, In, Job, Map>()) {
        const auto input = input_of(in);
        check_here(pool, input, job, map);
        const CallData<MapOfGather<T, In, Job, Map>> call(job, map, input.data());
        const ChunkPlan plan = plan_of(input, settings, sizeof(ResultSlot));
        if constexpr (shm::Shareable<T>) {
            JobSpec spec = spec_of_parts<T>(plan, call, settings);
            shm::GrowingArray<T> all(pool.arena());
            result.report = run_stream(pool, spec, [&all](std::byte* result_at, const Chunk&) {
                tell_maps_ended();
                all.append_bytes(reinterpret_cast<const ResultSlot*>(result_at)->content());
            });
            result.value = all.finish();
        } else {
            JobSpec spec = spec_of_vectors<T>(plan, call, settings);
            result.report = run_stream(pool, spec, [&](std::byte* result_at, const Chunk&) {
                tell_maps_ended();
                auto part =
                    read_result<std::vector<T>>(*reinterpret_cast<const ResultSlot*>(result_at));
                result.value.insert(result.value.end(), std::make_move_iterator(part.begin()),
                                    std::make_move_iterator(part.end()));
            });
        }
    }
    return result;
}

}  // namespace detail

/// Maps every chunk of `in` on the pool's workers, where `map(chunk, out)` appends any number of Ts
/// to `out`, and joins them in one array, in chunk order. For what nobody can count before:
/// matches, solutions, edges of a graph. Of an array the map is called as `map(elements, chunk,
/// out)` or `map(elements, out)`. `out` is an Appender<T>&.
///
///     pinfold::Pool pool;
///     const auto primes = pinfold::gather<std::uint64_t>(
///         pool, pinfold::Range{2, 100}, [](const pinfold::Chunk& chunk, auto& out) {
///             for (auto k : chunk) {
///                 std::uint64_t d = 2;
///                 while (k % d != 0) {
///                     ++d;
///                 }
///                 if (d == k) {
///                     out.push_back(k);
///                 }
///             }
///         });
///     assert(primes.value.size() == 25 && primes.value[24] == 97);
///
/// Gives a JobResult of an shm::Array<T>. A T that is no plain bytes crosses as a message, see
/// <pinfold/shm/crossing.hpp>, and gives a JobResult of a std::vector<T>. What is gathered of a
/// chunk counts once, though the chunk may start again. All else is as for map_reduce() and
/// stream(), on which it stands.
///
/// Memory: the array grows as results come; nothing is reserved for the worst case. Beside it there
/// are what at most `settings.look_ahead` chunks have gathered, and what each worker's present
/// chunk has. An arena or a heap that has no room ends the job: std::system_error or JobFailed,
/// which name the sizes. Run time: as map_reduce(), and two copies of each element.
template <typename T, typename In = Range, typename Map>
auto gather(Pool& pool, const In& in, Map map, const JobSettings& settings = {}) {
    return detail::map_and_gather<T>(pool, in, detail::NoJob{}, map, settings);
}

/// The same with a job, which each call of the map gets as its first argument.
template <typename T, typename In = Range, typename Job, typename Map>
requires(!detail::is_options<Map>) auto gather(Pool& pool, const In& in, const Job& job, Map map,
                                               const JobSettings& settings = {}) {
    return detail::map_and_gather<T>(pool, in, job, map, settings);
}

// What is none of these calls.

template <typename T, typename... Arguments>
auto gather(const Arguments&...) {
    static_assert(detail::never<T, Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: gather<T>(pool, range or array, [job,] map [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold
