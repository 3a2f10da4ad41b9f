#pragma once

// The way from a submit's arguments to a task, and how a worker calls it. Not for users.

#include <cstddef>
#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/pointer_checks.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/tasks/task_checks.hpp>
#include <pinfold/engine/detail/tasks/task_client.hpp>
#include <pinfold/engine/detail/tasks/task_message.hpp>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/trust.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// A call of an F with copies of the arguments. Each may be Trusted.
template <typename F, typename... As>
struct TaskCall {
    using Result = std::decay_t<std::invoke_result_t<Meant<F>, Meant<As>...>>;
    using Layout = TaskLayout<F, As...>;

    static void run(const RunningTask& task) {
        run_with(task, Layout::read(task.message), std::index_sequence_for<As...>{});
    }

  private:
    template <std::size_t... i>
    static void run_with(const RunningTask& task, const typename Layout::Spans& parts,
                         std::index_sequence<i...>) {
        MadePart<F> function(parts[0]);
        std::tuple<MadePart<As>...> arguments(parts[i + 1]...);
        const auto call = [&]() -> decltype(auto) {
            return std::invoke(static_cast<Meant<F>&&>(function.value()),
                               static_cast<Meant<As>&&>(std::get<i>(arguments).value())...);
        };
        if constexpr (std::is_void_v<Result>) {
            call();
            task.result->bytes = 0;
        } else {
            write_task_result<Result>(*task.result, call(), *task.blocks);
        }
    }
};

template <typename T>
auto kept(const T& part) {
    if constexpr (is_kept<T>()) {
        return std::tuple<T>(part);
    } else {
        return std::tuple<>();
    }
}

/// Where the result of a task will be, with what its message only names.
template <typename R, typename... Parts>
std::shared_ptr<ValueState<R>> make_state(const Parts&... parts) {
    if constexpr ((is_kept<Parts>() || ...)) {
        using Kept = decltype(std::tuple_cat(kept(parts)...));
        return std::make_shared<KeepingState<R, Kept>>(std::tuple_cat(kept(parts)...));
    } else {
        return std::make_shared<ValueState<R>>();
    }
}

/// Calls submit(spec, state) with a task that calls f. Throws std::invalid_argument for a pointer
/// that means nothing to the workers of `client`.
template <typename Submit, typename F, typename... As>
auto with_task(const TaskClient& client, const TaskOptions& options, const Submit& submit,
               const F& f, const As&... args) {
    using Call = TaskCall<F, As...>;
    check_pointers(client, "the function", f);
    (check_pointers(client, "an argument", args), ...);
    auto state = make_state<typename Call::Result>(f, args...);
    TaskMessage message(Call::Layout::fixed);
    Call::Layout::write(message, f, args...);
    TaskSpec spec;
    spec.call = &Call::run;
    spec.code = reinterpret_cast<const void*>(spec.call);
    spec.message = message.all();
    spec.options = &options;
    submit(spec, state);
    return state;
}

/// Submits with the limits on waiting for room that the options set. Throws Timeout, Cancelled.
PINFOLD_API void submit_as_told(TaskClient& client, const TaskSpec& spec,
                                std::shared_ptr<FutureState> state);

template <typename F, typename... As>
auto submit_task(TaskClient& client, const TaskOptions& options, const F& f, const As&... args) {
    const auto submit = [&client](const TaskSpec& spec, const auto& state) {
        submit_as_told(client, spec, state);
    };
    return with_task(client, options, submit, f, args...);
}

/// Whether submit(f, args...) can be; if not, the compiler says why.
template <typename F, typename... As>
consteval bool check_task() {
    constexpr bool parts_cross =
        (check_task_function<TaskValue<F>>() && ... && check_task_argument<TaskValue<As>, As>());
    if constexpr (parts_cross) {
        if constexpr (check_task_call<TaskValue<F>, As...>()) {
            return check_task_result<typename TaskCall<TaskValue<F>, TaskValue<As>...>::Result>();
        }
    }
    return false;
}

}  // namespace pinfold::detail
