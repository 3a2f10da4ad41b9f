#pragma once

// Jobs that run on threads of the pool. Not for users.

#include <functional>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/tasks/value_state.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks/future.hpp>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// Has `job` called on a thread that the pool joins at its end, with a Pool that stands for this
/// one; inside a map or a task, and on the serial crew, here. A stop is requested when `state` is
/// cancelled. `job` throws nothing.
PINFOLD_API void start_job(const Pool& pool, const std::shared_ptr<AnyValueState>& state,
                           std::function<void(Pool& pool, const std::stop_token& stop)> job);

/// The options of a job with a token that is stopped by that of the caller too.
template <typename Options>
class WithStop {
  public:
    WithStop(const Options& options, const std::stop_token& stop)
        : options_(options),
          by_cancel_(stop, Request{&source_}),
          by_caller_(options.stop, Request{&source_}) {
        options_.stop = source_.get_token();
    }
    [[nodiscard]] const Options& options() const noexcept { return options_; }

  private:
    struct Request {
        std::stop_source* source;
        void operator()() const noexcept { source->request_stop(); }
    };

    std::stop_source source_;
    Options options_;
    std::stop_callback<Request> by_cancel_;
    std::stop_callback<Request> by_caller_;
};

/// A Future of call(pool, arguments..., options), which runs a job. What that throws, the Future
/// does.
template <typename Call, typename Options, typename... Arguments>
auto run_on_job_thread(const Pool& pool, Call call, const Options& options,
                       Arguments&&... arguments) {
    using Kept = std::tuple<std::decay_t<Arguments>...>;
    using Value = std::decay_t<decltype(call(std::declval<Pool&>(),
                                             std::declval<std::decay_t<Arguments>>()..., options))>;
    auto state = std::make_shared<ValueState<Value>>();
    // A std::function copies what it holds, and a fold may be one that cannot be copied.
    const auto kept = std::make_shared<Kept>(static_cast<Arguments&&>(arguments)...);
    start_job(pool, state, [state, call, options, kept](Pool& own, const std::stop_token& stop) {
        make_or_fail(*state, [&] {
            const WithStop<Options> stoppable(options, stop);
            state->set(std::apply(
                [&](auto&... its) {
                    return call(own, static_cast<std::remove_reference_t<decltype(its)>&&>(its)...,
                                stoppable.options());
                },
                *kept));
            state->fulfil();
        });
    });
    return Future<Value>(state);
}

}  // namespace pinfold::detail
