#pragma once

// The way from a call's arguments to a job: what cannot work is refused, at compile time by a
// message that names the fix, at run time by an exception. Not for users.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/fold_results.hpp>
#include <pinfold/engine/detail/parameters.hpp>
#include <pinfold/engine/detail/pointer_checks.hpp>
#include <pinfold/engine/inputs/strings_input.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/file.hpp>
#include <pinfold/shm/file_array.hpp>
#include <pinfold/shm/same_value.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// False, for a static_assert in a template that nothing should instantiate.
template <typename...>
inline constexpr bool never = false;

// ---- inputs and outputs

/// Where a file's bytes are, or will be, in each process.
inline std::span<const std::byte> bytes_of(const shm::detail::FileRecord* file) noexcept {
    return file == nullptr ? std::span<const std::byte>{} : std::span(file->data, file->bytes);
}

/// A range that is cut into chunks, without data.
struct RangeInput {
    using Data = NoInput;

    Range range;

    [[nodiscard]] Data data() const noexcept { return {}; }
    void check(const Pool&) const {}
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(range, result_bytes);
    }
};

template <typename T>
struct ArrayInput {
    using Data = Elements<const T>;
    using Element = T;

    std::span<const T> all;
    Range range{0, all.size()};

    [[nodiscard]] Data data() const noexcept { return {all}; }
    void check(const Pool& pool) const {
        check_in_arena(pool, "the input", all.data(), all.size(), sizeof(T));
    }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return std::as_bytes(all); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(all.size(), sizeof(T), result_bytes);
    }
};

/// A file's bytes as elements of one type. Whoever calls keeps the file open.
template <typename T>
struct FileInput {
    using Data = FileElements<const T>;
    using Element = T;

    const shm::detail::FileRecord* file;
    Range range{0, bytes().size() / sizeof(T)};

    [[nodiscard]] Data data() const noexcept { return {file}; }
    void check(const Pool&) const {}
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_of(file); }
    [[nodiscard]] std::uint64_t default_grain(std::size_t result_bytes) const {
        return pinfold::default_grain(bytes().size() / sizeof(T), sizeof(T), result_bytes);
    }
};

inline RangeInput input_of(const Range& range) noexcept {
    return {range};
}
template <typename T>
ArrayInput<T> input_of(const shm::Array<T>& array) noexcept {
    return {array.span()};
}
template <typename T>
ArrayInput<std::remove_const_t<T>> input_of(std::span<T> elements) noexcept {
    return {elements};
}
inline FileInput<std::byte> input_of(const shm::File& file) noexcept {
    return {file.record()};
}
template <typename T>
FileInput<T> input_of(const shm::FileView<T>& file) noexcept {
    return {file.record()};
}
template <typename T>
FileInput<T> input_of(const shm::FileArray<T>& file) noexcept {
    return {file.record()};
}

/// What says itself how it is read, such as lines.
template <typename In>
requires requires(const In& in) {
    in.input();
}
auto input_of(const In& in) {
    return in.input();
}

template <typename T>
using InputOf = decltype(input_of(std::declval<const T&>()));

template <typename In>
consteval bool check_input() {
    constexpr bool is_input = requires(const In& in) {
        input_of(in);
    };
    static_assert(is_input,
                  "pinfold: the input is a pinfold::Range, or an array or a file of the pool: "
                  "workers do not see a std::vector; copy it by pool.array(v), and open a path by "
                  "pool.file(path)");
    return is_input;
}

template <typename T>
struct ArrayOutput {
    using Data = Elements<T>;
    using Element = T;

    std::span<T> all;

    [[nodiscard]] Data data(std::uint64_t first) const noexcept { return {all, first}; }
    [[nodiscard]] std::size_t size() const noexcept { return all.size(); }
    void check(const Pool& pool) const {
        check_in_arena(pool, "the output", all.data(), all.size(), sizeof(T));
    }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return std::as_bytes(all); }
};

template <typename T>
struct FileOutput {
    using Data = FileElements<T>;
    using Element = T;

    const shm::detail::FileRecord* file;

    [[nodiscard]] Data data(std::uint64_t first) const noexcept { return {file, first}; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes().size() / sizeof(T); }
    void check(const Pool&) const {}
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_of(file); }
};

template <typename T>
ArrayOutput<T> output_of(const shm::Array<T>& array) noexcept {
    return {array.span()};
}
template <typename T>
ArrayOutput<T> output_of(std::span<T> elements) noexcept {
    return {elements};
}
template <typename T>
FileOutput<T> output_of(const shm::FileArray<T>& file) noexcept {
    return {file.record()};
}

template <typename Out>
using OutputOf = decltype(output_of(std::declval<const Out&>()));

template <typename Out>
consteval bool check_output() {
    constexpr bool is_output = requires(const Out& out) {
        requires std::is_copy_assignable_v<typename decltype(output_of(out))::Element>;
    };
    static_assert(is_output,
                  "pinfold: the output is an array of the pool, pool.array<T>(n), whose elements "
                  "are not const, or pool.file_array<T>(path, n): what a worker writes elsewhere "
                  "stays in that worker");
    return is_output;
}

/// Refuses a view of what a worker has read into memory of its own. `Data` is of an input.
template <typename Data, typename Value>
consteval bool check_outlives() {
    constexpr bool is_lost = std::is_same_v<Value, std::string_view> && requires {
        requires Data::is_copied;
    };
    static_assert(!is_lost,
                  "pinfold: this returns a std::string_view of a file's text, which is gone when "
                  "the map returns: return a std::string, with <pinfold/shm/crossing.hpp>, or a "
                  "number");
    return !is_lost;
}

/// Whether an input's number of elements is known only when they are read.
template <typename Input>
inline constexpr bool is_cut = requires {
    requires Input::is_cut;
};

template <typename In>
consteval bool check_is_counted() {
    static_assert(!is_cut<InputOf<In>>,
                  "pinfold: how many lines, words or records there are is known only when they are "
                  "read, so no output has the same size: gather what a map makes of them, or "
                  "reduce it");
    return !is_cut<InputOf<In>>;
}

template <typename In, typename Out>
void check_output_here(const Pool& pool, const In& input, const Out& out) {
    out.check(pool);
    check_sizes(input.range, out.size());
    if constexpr (!std::is_same_v<In, RangeInput>) {
        check_overlap(input.bytes(), out.bytes());
    }
}

/// Refuses a function that changes what it captured. `Call` is a call of it.
template <typename Call>
consteval bool check_constant() {
    static_assert(!Call::is_mutable,
                  "pinfold: this function is mutable, and what it changes of its captures would "
                  "begin anew in each chunk, random numbers too: make what changes in a map of a "
                  "chunk, a generator from chunk_seed(seed, chunk.index)");
    return !Call::is_mutable;
}

// ---- jobs

/// Pointers and spans that can be seen in a job must point into the arena.
template <typename Job>
void check_shared(const Pool& pool, const Job& job) {
    if constexpr (std::is_pointer_v<Job> && !std::is_function_v<std::remove_pointer_t<Job>>) {
        check_in_arena(pool, "the job's pointer", job, 1, 1);
    } else if constexpr (requires { std::span(job); }) {
        if constexpr (std::is_same_v<decltype(std::span(job)), Job>) {
            check_in_arena(pool, "the job's span", job.data(), job.size(), sizeof(*job.data()));
        }
    }
}

template <typename Job>
void check_job_here(const Pool& pool, const Job& job) {
    if constexpr (!std::is_same_v<Job, NoJob>) {
        check_shared(pool, job);
        check_pointers(pool, "the job", job);
    }
}

// ---- results and folds

template <typename R>
consteval bool check_crosses() {
    constexpr bool crosses = shm::Shareable<R> || shm::CrossingOf<R>::is_there;
    if constexpr (!crosses) {
        using enum shm::CrossingFault;
        constexpr shm::CrossingFault fault = shm::crossing_fault<R>();
        constexpr bool is_pointer = fault == raw_pointer || fault == smart_pointer;
        static_assert(fault != header_missing,
                      "pinfold: a map's result crosses by its bytes, and this type has more than "
                      "these, as a std::string, a std::vector, a std::pair or a std::tuple has: "
                      "#include <pinfold/shm/crossing.hpp>; or return a struct of numbers, or "
                      "write large results into a pool.array()");
        static_assert(fault != view,
                      "pinfold: a map's result is a std::string_view, or has one in it, whose "
                      "characters are gone with the worker's memory: return a std::string");
        static_assert(!is_pointer,
                      "pinfold: a map's result has a pointer or a smart pointer in it, which means "
                      "nothing in another process: return the value");
        if constexpr (fault != header_missing && fault != view && !is_pointer) {
            shm::check_crossing<R>();
        }
    }
    return crosses;
}

/// What a job needs of its results.
template <typename R>
consteval bool check_result_crosses() {
    if constexpr (std::is_same_v<R, Refused>) {
        return false;  // which has been told
    } else {
        static_assert(!std::is_void_v<R>,
                      "pinfold: this map returns nothing, so there is nothing to fold: use "
                      "for_each_chunk, or return a value");
        if constexpr (!std::is_void_v<R>) {
            return check_crosses<R>();
        } else {
            return false;
        }
    }
}

/// And of one that is the job's value.
template <typename R>
consteval bool check_result() {
    if constexpr (check_result_crosses<R>()) {
        static_assert(std::is_default_constructible_v<R>,
                      "pinfold: a map's result needs a default constructor: the value of a "
                      "JobResult starts as R{}");
        return std::is_default_constructible_v<R>;
    } else {
        return false;
    }
}

template <typename R, typename Fold>
consteval bool check_fold() {
    static_assert(!is_options<Fold>,
                  "pinfold: the fold is missing: map_reduce(pool, range, map, fold, options)");
    if constexpr (!is_options<Fold>) {
        using Next = NextResult<R>;
        constexpr bool is_possible = std::is_invocable_v<Fold&, R, Next>;
        static_assert(is_possible,
                      "pinfold: the fold is called as fold(a, b) with two results of the map, by "
                      "value or as const&, and returns them joined: is there an operator for this "
                      "type?");
        if constexpr (is_possible) {
            using Folded = std::remove_cvref_t<std::invoke_result_t<Fold&, R, Next>>;
            constexpr bool keeps_type = std::is_same_v<Folded, R> && !takes_other_number<Fold, R>;
            static_assert(keeps_type,
                          "pinfold: the fold takes or returns another type than the map's result, "
                          "and would convert each of them: give both the same type");
            return keeps_type;
        }
    }
    return false;
}

template <typename R, typename Options>
consteval bool check_options() {
    constexpr bool fits =
        std::is_same_v<Options, JobOptions<R>> || std::is_same_v<Options, JobSettings>;
    static_assert(fits,
                  "pinfold: these are JobOptions of another type than the map's result: write "
                  "{.grain = 10, .init = x} in the call, or JobOptions of the result's type");
    return fits;
}

// ---- options

template <typename R>
JobSettings settings_of(const JobOptions<R>& o) {
    return {o.grain,    o.chunk_set_up, o.max_attempts, o.on_poison, o.chunk_deadline,
            o.deadline, o.stop,         o.kill,         o.journal,   o.progress,
            o.timeline, o.rehearse,     o.look_ahead,   NoInit{}};
}
inline const JobSettings& settings_of(const JobSettings& settings) noexcept {
    return settings;
}

/// What the fold starts from; nullptr for R{}, which nobody has to hold.
template <typename R>
const R* init_of(const JobOptions<R>& options) noexcept {
    return std::addressof(options.init);
}
template <typename R>
const R* init_of(const JobSettings&) noexcept {
    return nullptr;
}

template <typename In>
ChunkPlan plan_of(const In& in, const JobSettings& settings, std::size_t result_bytes) {
    return ChunkPlan(in.range,
                     settings.grain != 0 ? settings.grain : in.default_grain(result_bytes));
}

}  // namespace pinfold::detail
