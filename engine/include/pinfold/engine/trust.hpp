#pragma once

#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold {

/// A map, a function or a job whose pointers and references are the caller's own affair.
template <typename T>
struct Trusted {
    T value;
};

/// Passes a map, a function or a job as it is, although it points into private memory.
///
/// Calls refuse a pointer into the caller's stack, heap or globals, and a capture by reference:
/// another process has other things there. What a worker process sees at such an address is what
/// was there when the pool was made. Use it where that is meant, or where all workers are threads.
///
///     static const std::vector<double> weights{0.5, 0.25};  // before the pool
///     pinfold::Pool pool;
///     const auto sum = pinfold::transform_reduce(
///         pool, pinfold::Range{0, 2}, 0.0, std::plus<>{},
///         pinfold::trust([w = weights.data()](std::uint64_t k) { return w[k]; }));
///     assert(sum.value == 0.75);
template <typename T>
[[nodiscard]] constexpr Trusted<std::decay_t<T>> trust(T&& value) {
    return {static_cast<T&&>(value)};
}

namespace detail {

template <typename T>
struct TrustOf {
    using Value = T;
    static constexpr bool is_given = false;
};

template <typename T>
struct TrustOf<Trusted<T>> {
    using Value = T;
    static constexpr bool is_given = true;
};

/// The type of what is meant by an argument that may be trusted.
template <typename T>
using Meant = typename TrustOf<T>::Value;

template <typename T>
[[nodiscard]] constexpr const T& meant(const T& value) noexcept {
    return value;
}
template <typename T>
[[nodiscard]] constexpr const T& meant(const Trusted<T>& trusted) noexcept {
    return trusted.value;
}

}  // namespace detail
}  // namespace pinfold
