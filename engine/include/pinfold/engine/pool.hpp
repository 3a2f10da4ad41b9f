#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/tasks/map_options.hpp>
#include <pinfold/engine/tasks/options.hpp>
#include <pinfold/engine/tasks/shutdown.hpp>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/file.hpp>
#include <pinfold/shm/file_array.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>  // and with it what ranges need; <ranges> costs ten times as much to compile
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

namespace detail {
class PoolCore;
struct CoreOf;
struct Batches;
struct Tasks;
}  // namespace detail

class Files;

namespace shm {
class Strings;  // strings.hpp, which the headers of the calls include
}  // namespace shm

/// A set of pinned workers and the shared memory that they work on.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::processes, .workers = 2});
///     const auto squares = pool.array<std::uint64_t>(100);
///     pinfold::map_reduce(
///         pool, pinfold::Range{0, 100}, squares.span(),
///         [](const std::span<std::uint64_t>& out, const pinfold::Chunk& chunk) {
///             for (auto k = chunk.begin; k < chunk.end; ++k) {
///                 out[k] = k * k;
///             }
///             return 0;
///         },
///         std::plus<>{});
///     assert(squares[99] == 99 * 99);
///
/// With Crew::processes the constructor forks a supervisor and the workers. Make the pool first and
/// put big data in its arrays: a fork costs time for every page of private memory, and the workers
/// see globals as they are at that moment.
///
/// Move-only. One that was moved from has no workers: a job or an array of it throws
/// std::logic_error, crew() is Crew::serial and workers() is 0, until another pool is moved into
/// it.
///
/// Thread-safety: all members; jobs from several threads share the workers. Fork: in a child that
/// the user forks, the destructor does nothing, and a job or an array throws std::logic_error. A
/// Pool that is made inside a worker runs its jobs serially.
class PINFOLD_API Pool {
    // What {} is before it is anything of ours: Pool({}) would else be as good a Pool as options.
    enum class NoOptions {};

  public:
    /// Starts the workers. Before that, throws std::invalid_argument for options that do not make
    /// sense on this machine, naming the value and the limit. Throws std::system_error when the
    /// system refuses a process or memory, PoolBroken when workers cannot start.
    explicit Pool(PoolOptions options = {});
    explicit Pool(NoOptions) : Pool() {}

    /// Ends the workers. Jobs of other threads must be over.
    ~Pool();
    Pool(Pool&&) noexcept;
    Pool& operator=(Pool&&) noexcept;

    /// An array of `size` zeroed elements that all workers see. See shm::Array. Where the workers
    /// run on several NUMA nodes, each node has the part that its workers take first; see
    /// ArrayOptions.
    ///
    ///     pinfold::Pool pool;
    ///     const auto sums = pool.array<double>(300'000, {.pages = pinfold::Pages::first_touch});
    ///     assert(sums.size() == 300'000);
    template <shm::Shareable T>
    [[nodiscard]] shm::Array<T> array(std::size_t size, const ArrayOptions& options = {}) {
        return shm::Array<T>(arena(), size, pages_for(options));
    }

    /// An array of copies of what `elements` holds: a vector, a list, a string, another array; any
    /// range that knows its size. A vector<double> gives an Array<double>. Throws also what reading
    /// the range throws.
    template <int type_is_deduced = 0, typename Container>
    [[nodiscard]] auto array(Container&& elements, const ArrayOptions& options = {}) {
        return array_of(elements, options);
    }
    template <int type_is_deduced = 0, typename T>
    [[nodiscard]] shm::Array<T> array(std::initializer_list<T> elements,
                                      const ArrayOptions& options = {}) {
        return array_of(elements, options);
    }

    /// A file whose bytes all workers read in place. See shm::File, also for what it throws.
    [[nodiscard]] shm::File file(const std::string& path);

    /// An array in a file, that all workers see: `size` zeros in a new one, or what the file has.
    /// See shm::FileArray, also for what it throws.
    template <shm::Shareable T>
    [[nodiscard]] shm::FileArray<T> file_array(const std::string& path, std::size_t size) {
        return shm::FileArray<T>(open_array(path, size, sizeof(T)));
    }

    /// Many files as one input: of a vector<string>, a list<path>, of anything that can be walked
    /// and has paths. See Files; its header is <pinfold/engine/inputs/files.hpp>. Throws like
    /// array(), and nothing for a file that cannot be opened.
    template <typename Paths, typename Files = pinfold::Files>
    [[nodiscard]] Files files(const Paths& paths) {
        std::vector<std::string> list;
        for (const auto& path : paths) {
            if constexpr (requires { list.emplace_back(path.native()); }) {
                list.emplace_back(path.native());
            } else {
                list.emplace_back(path);
            }
        }
        return Files(arena(), list);
    }
    template <typename Files = pinfold::Files>
    [[nodiscard]] Files files(std::initializer_list<std::string> paths) {
        return Files(arena(), paths);
    }

    /// Copies of many strings that all workers see: of a vector<string>, a list<string_view>, a
    /// set<string>, of anything that can be walked twice. See shm::Strings. Throws like array().
    ///
    ///     pinfold::Pool pool;
    ///     const auto names = pool.strings(std::vector<std::string>{"Ada", "Grace", "Alan"});
    ///     const auto with_a = pinfold::count_if(
    ///         pool, names, [](std::string_view name) { return name.front() == 'A'; });
    ///     assert(with_a.value == 2);
    template <typename Container, typename Strings = shm::Strings>
    [[nodiscard]] Strings strings(const Container& strings) {
        return Strings(arena(), strings);
    }
    template <typename Strings = shm::Strings>
    [[nodiscard]] Strings strings(std::initializer_list<std::string_view> strings) {
        return Strings(arena(), strings);
    }

    /// Has a worker call f(args...), and returns a Future of what that returns, at once. Its header
    /// is <pinfold/engine/tasks.hpp>. TaskOptions may come first: submit({.name = "f"}, f, 1).
    ///
    /// f and the arguments are copied. They cross like the maps and jobs of map_reduce(): by their
    /// bytes, or with <pinfold/shm/crossing.hpp> as strings, containers and structs of them; a
    /// const char* and a std::string_view become a std::string. So does what f returns. f may be
    /// called again where its worker died; see TaskOptions.
    ///
    /// While all of PoolOptions::task_slots are taken by tasks that are not done, it waits, as
    /// TaskOptions say; inside a task it then runs f at once. A pool of Crew::serial runs each task
    /// at once. Cost: see docs/tasks.md.
    ///
    /// Throws std::invalid_argument for options that the crew cannot give, for a pointer into
    /// memory that workers do not see, and for code that they do not have; shm::HeapFull for
    /// arguments that find no memory; Timeout and Cancelled where it waited for room; PoolBroken;
    /// std::logic_error after shutdown().
    ///
    ///     pinfold::Pool pool;
    ///     auto answer = pool.submit([](int a, int b) { return a * b; }, 6, 7);
    ///     assert(answer.get() == 42);
    template <typename F, typename... Args, typename Tasks = detail::Tasks>
    requires(!std::is_same_v<std::decay_t<F>, TaskOptions>)
        [[nodiscard]] auto submit(F&& f, Args&&... args) {
        if constexpr (has_tasks_header<Tasks>()) {
            return Tasks::submit(*this, TaskOptions{}, static_cast<F&&>(f),
                                 static_cast<Args&&>(args)...);
        }
    }
    template <typename F, typename... Args, typename Tasks = detail::Tasks>
    [[nodiscard]] auto submit(const TaskOptions& options, F&& f, Args&&... args) {
        if constexpr (has_tasks_header<Tasks>()) {
            return Tasks::submit(*this, options, static_cast<F&&>(f), static_cast<Args&&>(args)...);
        }
    }

    // Options behind f, which fit no argument in braces: these tell where they stand.
    template <typename F>
    auto submit(F&&, const TaskOptions&) {
        options_come_first<F>();
    }
    template <typename F, typename A>
    auto submit(F&&, A&&, const TaskOptions&) {
        options_come_first<F>();
    }
    template <typename F, typename A, typename B>
    auto submit(F&&, A&&, B&&, const TaskOptions&) {
        options_come_first<F>();
    }
    template <typename F, typename A, typename B, typename C>
    auto submit(F&&, A&&, B&&, C&&, const TaskOptions&) {
        options_come_first<F>();
    }

    /// Has workers call f(item) for each item of an input, and gives a Batch of what that returns,
    /// in order. It starts at the call. Of several inputs each call gets an item of each, and the
    /// shortest ends all. Of one input of tuples, f gets the members where it does not take a
    /// tuple. Behind four inputs and more, options are a MapOptions{.grain = 64}, not braces alone.
    /// The header is <pinfold/engine/tasks.hpp>.
    ///
    /// An input is a container, a range, a pinfold::Range or a list in braces; it may be endless.
    /// Each item is copied when it is read; see Batch, also for what the input throws. f and items
    /// cross like those of submit(), and what submit() throws, this throws or, for later items, the
    /// Batch. f is sent with each task: what is large is better an array of the pool.
    ///
    ///     pinfold::Pool pool;
    ///     const std::vector<double> x{1, 2, 3};
    ///     const std::vector<double> y{4, 5, 6};
    ///     double sum = 0;
    ///     for (double product : pool.map(std::multiplies<>{}, x, y, {.grain = 2})) {
    ///         sum += product;
    ///     }
    ///     assert(sum == 4 + 10 + 18);
    template <typename F, typename In, typename Batches = detail::Batches>
    [[nodiscard]] auto map(F&& f, In&& items, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, true, options, static_cast<F&&>(f),
                                static_cast<In&&>(items));
        }
    }
    template <typename F, typename T, typename Batches = detail::Batches>
    [[nodiscard]] auto map(F&& f, std::initializer_list<T> items, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, true, options, static_cast<F&&>(f), items);
        }
    }
    template <typename F, typename A, typename B, typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<B>, MapOptions>)
        [[nodiscard]] auto map(F&& f, A&& a, B&& b, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, true, options, static_cast<F&&>(f), static_cast<A&&>(a),
                                static_cast<B&&>(b));
        }
    }
    template <typename F, typename A, typename B, typename C, typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<C>, MapOptions>)
        [[nodiscard]] auto map(F&& f, A&& a, B&& b, C&& c, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, true, options, static_cast<F&&>(f), static_cast<A&&>(a),
                                static_cast<B&&>(b), static_cast<C&&>(c));
        }
    }
    template <typename F, typename A, typename B, typename C, typename D, typename... More,
              typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<D>, MapOptions>)
        [[nodiscard]] auto map(F&& f, A&& a, B&& b, C&& c, D&& d, More&&... more) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map_many(*this, true, static_cast<F&&>(f), static_cast<A&&>(a),
                                     static_cast<B&&>(b), static_cast<C&&>(c), static_cast<D&&>(d),
                                     static_cast<More&&>(more)...);
        }
    }
    template <typename... Given, typename Batches = detail::Batches>
    auto map(const MapOptions&, Given&&...) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::template refuse_options_first<Given...>();
        }
    }

    /// The same, but the Batch gives results in the order in which they are there.
    ///
    ///     pinfold::Pool pool;
    ///     int sum = 0;
    ///     for (int length : pool.map_unordered([](int x) { return x * x; }, {1, 2, 3})) {
    ///         sum += length;
    ///     }
    ///     assert(sum == 14);
    template <typename F, typename In, typename Batches = detail::Batches>
    [[nodiscard]] auto map_unordered(F&& f, In&& items, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, false, options, static_cast<F&&>(f),
                                static_cast<In&&>(items));
        }
    }
    template <typename F, typename T, typename Batches = detail::Batches>
    [[nodiscard]] auto map_unordered(F&& f, std::initializer_list<T> items,
                                     const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, false, options, static_cast<F&&>(f), items);
        }
    }
    template <typename F, typename A, typename B, typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<B>, MapOptions>)
        [[nodiscard]] auto map_unordered(F&& f, A&& a, B&& b, const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, false, options, static_cast<F&&>(f), static_cast<A&&>(a),
                                static_cast<B&&>(b));
        }
    }
    template <typename F, typename A, typename B, typename C, typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<C>, MapOptions>)
        [[nodiscard]] auto map_unordered(F&& f, A&& a, B&& b, C&& c,
                                         const MapOptions& options = {}) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map(*this, false, options, static_cast<F&&>(f), static_cast<A&&>(a),
                                static_cast<B&&>(b), static_cast<C&&>(c));
        }
    }
    template <typename F, typename A, typename B, typename C, typename D, typename... More,
              typename Batches = detail::Batches>
    requires(!std::is_same_v<std::decay_t<D>, MapOptions>)
        [[nodiscard]] auto map_unordered(F&& f, A&& a, B&& b, C&& c, D&& d, More&&... more) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::map_many(*this, false, static_cast<F&&>(f), static_cast<A&&>(a),
                                     static_cast<B&&>(b), static_cast<C&&>(c), static_cast<D&&>(d),
                                     static_cast<More&&>(more)...);
        }
    }
    template <typename... Given, typename Batches = detail::Batches>
    auto map_unordered(const MapOptions&, Given&&...) {
        if constexpr (has_tasks_header<Batches>()) {
            return Batches::template refuse_options_first<Given...>();
        }
    }

    /// Crew::serial for a pool that was made inside a worker, or moved from.
    [[nodiscard]] Crew crew() const noexcept;
    [[nodiscard]] int workers() const noexcept;

    /// Takes no more tasks from outside of workers, and returns when none is left that is not done;
    /// those that run may still submit their own, of which those that they dropped are not waited
    /// for. Futures keep what they have, and jobs go on as before. A second call may ask for more
    /// than the first. A pool that ends without it cancels what has not started, and gives
    /// processes that run tasks a second to end them.
    ///
    ///     pinfold::Pool pool;
    ///     pool.shutdown(pinfold::Shutdown::cancel_pending);
    ///
    /// Throws PoolBroken; std::invalid_argument for Shutdown::kill without Crew::processes;
    /// std::logic_error in a task. Thread-safety: any thread, callbacks too.
    void shutdown(Shutdown how = Shutdown::wait);

    /// An eventfd that is readable when a future of this pool is done, for event loops: reading its
    /// eight bytes gives how many ended since the last time, also by cancel(), and begins anew. It
    /// counts from this call on, and what a thread that waits finds first too. Each completion
    /// then costs a system call at most. It never blocks, is closed with the last future of the
    /// pool, and in a child that the program forks.
    ///
    ///     pinfold::Pool pool;
    ///     const int loop_waits_for = pool.completion_fd();
    ///     assert(loop_waits_for >= 0 && loop_waits_for == pool.completion_fd());
    ///
    /// Throws std::system_error; std::logic_error in a task. Thread-safety: any thread.
    [[nodiscard]] int completion_fd();

    /// The memory that arrays come from. Arrays keep it alive beyond the pool.
    [[nodiscard]] std::shared_ptr<shm::Arena> arena() const;

  private:
    friend struct detail::CoreOf;

    explicit Pool(std::unique_ptr<detail::PoolCore> core) noexcept;

    template <typename Tasks>
    static consteval bool has_tasks_header() {
        constexpr bool has_it = requires {
            sizeof(Tasks);
        };
        static_assert(has_it, "pinfold: tasks have a header: #include <pinfold/engine/tasks.hpp>");
        return has_it;
    }

    template <typename F>
    static consteval void options_come_first() {
        static_assert(std::is_void_v<F>,
                      "pinfold: options come first: submit({.name = \"x\"}, f, args...)");
    }

    template <typename Container>
    [[nodiscard]] auto array_of(Container& elements, const ArrayOptions& options);
    [[nodiscard]] shm::BlockPages pages_for(const ArrayOptions& options) const;

    [[nodiscard]] shm::detail::FileOwner open_array(const std::string& path, std::size_t size,
                                                    std::size_t element_bytes);
    [[nodiscard]] detail::PoolCore& core() const;

    std::unique_ptr<detail::PoolCore> core_;
};

namespace detail {

/// Whether an array can hold copies of what a range has; if not, the compiler says why.
template <typename Container>
constexpr bool has_copyable_elements() {
    static_assert(std::ranges::range<Container>,
                  "pool.array(x) copies the elements of a container x; for n zeros say what they "
                  "are, as in pool.array<double>(n)");
    if constexpr (std::ranges::range<Container>) {
        using T = std::ranges::range_value_t<Container>;
        static_assert(std::ranges::sized_range<Container>,
                      "pool.array(x) needs a container x that knows its size: copy it into a "
                      "std::vector first");
        static_assert(shm::Shareable<T>,
                      "the elements of an array are trivially copyable: pool.strings(x) copies "
                      "strings; in place of vectors, keep all their numbers in one array, and "
                      "where each of them begins in another");
        return std::ranges::sized_range<Container> && shm::Shareable<T>;
    } else {
        return false;
    }
}

}  // namespace detail

template <typename Container>
auto Pool::array_of(Container& elements, const ArrayOptions& options) {
    if constexpr (detail::has_copyable_elements<Container>()) {
        using T = std::ranges::range_value_t<Container>;
        shm::Array<T> copies =
            array<T>(static_cast<std::size_t>(std::ranges::size(elements)), options);
        auto from = std::ranges::begin(elements);
        for (T& to : copies) {
            std::construct_at(&to, *from);
            ++from;
        }
        return copies;
    }
}

}  // namespace pinfold
