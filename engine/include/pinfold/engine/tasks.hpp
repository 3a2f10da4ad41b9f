#pragma once

// Tasks and futures: Pool::submit(), and all that a Future knows. docs/tasks.md explains them.

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/tasks/task_call.hpp>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks/batch.hpp>
#include <pinfold/engine/tasks/future.hpp>
#include <pinfold/engine/tasks/map_options.hpp>
#include <pinfold/engine/tasks/options.hpp>
#include <pinfold/engine/tasks/shutdown.hpp>
#include <pinfold/engine/tasks/wait.hpp>
#include <pinfold/engine/trust.hpp>
#include <type_traits>

namespace pinfold {

namespace detail {

/// Pool::submit(), which pool.hpp declares without all that it needs.
struct Tasks {
    template <typename FindClient, typename F, typename... Args>
    static auto submit(const FindClient& find_client, const TaskOptions& options, F&& f,
                       Args&&... args) {
        if constexpr (check_task<F, Args...>()) {
            using R = typename TaskCall<TaskValue<F>, TaskValue<Args>...>::Result;
            return Future<R>(
                submit_task(find_client(), options, task_value(f), task_value(args)...));
        } else {
            return Refused{};
        }
    }

    template <typename F, typename... Args>
    static auto submit(const Pool& pool, const TaskOptions& options, F&& f, Args&&... args) {
        const auto find_client = [&pool]() -> TaskClient& { return client_of(pool); };
        return submit(find_client, options, static_cast<F&&>(f), static_cast<Args&&>(args)...);
    }
};

}  // namespace detail

/// Pool::submit() of the pool whose task or map the caller is in, which workers have no Pool object
/// of. The caller's own worker runs the task when somebody waits for it, or another worker does
/// before. Elsewhere throws std::logic_error.
///
///     pinfold::Pool pool;
///     const auto sum = pool.submit([] {
///         auto square = pinfold::submit([](int x) { return x * x; }, 12);
///         return 5 * 5 + square.get();
///     });
///     assert(sum.get() == 169);
template <typename F, typename... Args>
requires(!std::is_same_v<std::decay_t<F>, TaskOptions>)
    [[nodiscard]] auto submit(F&& f, Args&&... args) {
    return detail::Tasks::submit(detail::client_here, TaskOptions{}, static_cast<F&&>(f),
                                 static_cast<Args&&>(args)...);
}
template <typename F, typename... Args>
[[nodiscard]] auto submit(const TaskOptions& options, F&& f, Args&&... args) {
    return detail::Tasks::submit(detail::client_here, options, static_cast<F&&>(f),
                                 static_cast<Args&&>(args)...);
}

// Options behind f, as in pool.hpp.

template <typename F>
auto submit(F&&, const TaskOptions& options) {
    return detail::Tasks::submit(
        detail::client_here, TaskOptions{}, [] {}, options);
}
template <typename F, typename A>
auto submit(F&&, A&&, const TaskOptions& options) {
    return detail::Tasks::submit(
        detail::client_here, TaskOptions{}, [] {}, options);
}
template <typename F, typename A, typename B>
auto submit(F&&, A&&, B&&, const TaskOptions& options) {
    return detail::Tasks::submit(
        detail::client_here, TaskOptions{}, [] {}, options);
}

}  // namespace pinfold
