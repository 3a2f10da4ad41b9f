#pragma once

#include <atomic>
#include <concepts>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/detail/shared/two_copies.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <type_traits>

namespace pinfold {

namespace detail {

/// Whether a T fits into a word that processors change in one step. A lock of the standard
/// library's would die with its holder.
template <typename T>
consteval bool has_lock_free_atomic() {
    if constexpr (sizeof(T) <= 8 && (sizeof(T) & (sizeof(T) - 1)) == 0) {
        return std::atomic<T>::is_always_lock_free;
    } else {
        return false;
    }
}

}  // namespace detail

/// One value that all processes of a pool read and change, and that no death leaves half written.
///
///     pinfold::Pool pool;
///     const pinfold::Value<long> hits(pool, 0);
///     pinfold::for_each_chunk(pool, pinfold::Range{0, 1000},
///                             [hits](const pinfold::Chunk& chunk) {
///                                 hits += static_cast<long>(chunk.end - chunk.begin);
///                             });
///     assert(hits.load() == 1000);
///
/// T is trivially copyable, and holds no pointers but into the pool's memory. A T of up to 8 bytes
/// is a std::atomic, with all members of that but wait() and notify, which do not cross processes
/// (see Condition and Event). A larger T is kept twice, and load(), store(), exchange() and
/// update() take turns: a writer fills the copy that nobody reads, and one store makes it the
/// value. So a process that dies in the middle changes nothing.
///
/// A T of up to 8 bytes needs nobody: nothing waits there, so it works on when the pool's processes
/// have ended, and no member throws. A larger one throws PoolBroken then where it would have to
/// wait.
///
/// A chunk or a task may run again after a death, and then what it adds is added twice: see
/// docs/shared_objects.md.
///
/// It is a handle: copies are the same value. It ends with the last copy in the process that made
/// it. Thread-safety: all members. Fork: a T of up to 8 bytes may be used in any child; for a
/// larger one as Mutex. Cost: that of the atomic; of a larger T a Mutex and its copy.
template <shm::Shareable T>
class Value {
    static constexpr bool is_atomic = detail::has_lock_free_atomic<T>();
    using Words = std::conditional_t<is_atomic, std::atomic<T>, detail::TwoCopies<T>>;

  public:
    /// Throws std::system_error where the memory ends, and what Space throws.
    explicit Value(const Space& space, const T& first = T()) : owner_(space.core(), kind) {
        new (owner_.words()) Words(first);
    }

    /// For a larger T: throws ObjectEnded and PoolBroken, and what Mutex::lock() throws for a
    /// thread that cannot take part. The same holds for all members below.
    [[nodiscard]] T load() const {
        if constexpr (is_atomic) {
            return words().load();
        } else {
            return words().load(owner_.roster());
        }
    }
    operator T() const { return load(); }  // NOLINT(google-explicit-constructor): as std::atomic

    void store(const T& desired) const { static_cast<void>(exchange(desired)); }
    // NOLINTNEXTLINE(misc-unconventional-assign-operator): a map's lambda holds const handles
    const Value& operator=(const T& desired) const requires(!std::same_as<T, Value>) {
        store(desired);
        return *this;
    }

    /// Returns what was there before.
    T exchange(const T& desired) const {
        if constexpr (is_atomic) {
            return words().exchange(desired);
        } else {
            return words().update(owner_.roster(), [&](T& value) { value = desired; });
        }
    }

    /// Calls f(T&) on a copy of the value and makes that the value. Returns what was there before.
    /// With a T of up to 8 bytes f is called again when another one came first, so it must do
    /// nothing else; with a larger T once. What f throws goes on, and the value stays.
    template <std::invocable<T&> F>
    T update(F f) const {
        if constexpr (is_atomic) {
            T before = words().load();
            for (;;) {
                T changed = before;
                f(changed);
                if (words().compare_exchange_weak(before, changed)) {
                    return before;
                }
            }
        } else {
            return words().update(owner_.roster(), f);
        }
    }

    bool compare_exchange_strong(T& expected, const T& desired) const requires is_atomic {
        return words().compare_exchange_strong(expected, desired);
    }
    bool compare_exchange_weak(T& expected, const T& desired) const requires is_atomic {
        return words().compare_exchange_weak(expected, desired);
    }

    T fetch_add(T by) const requires is_atomic && std::is_arithmetic_v<T> {
        return words().fetch_add(by);
    }
    T fetch_sub(T by) const requires is_atomic && std::is_arithmetic_v<T> {
        return words().fetch_sub(by);
    }
    T fetch_and(T with) const requires is_atomic && std::integral<T> {
        return words().fetch_and(with);
    }
    T fetch_or(T with) const requires is_atomic && std::integral<T> {
        return words().fetch_or(with);
    }
    T fetch_xor(T with) const requires is_atomic && std::integral<T> {
        return words().fetch_xor(with);
    }
    T operator+=(T by) const requires is_atomic && std::is_arithmetic_v<T> {
        return static_cast<T>(fetch_add(by) + by);
    }
    T operator-=(T by) const requires is_atomic && std::is_arithmetic_v<T> {
        return static_cast<T>(fetch_sub(by) - by);
    }
    T operator++() const requires is_atomic && std::integral<T> { return *this += T{1}; }
    T operator--() const requires is_atomic && std::integral<T> { return *this -= T{1}; }
    T operator++(int) const requires is_atomic && std::integral<T> { return fetch_add(T{1}); }
    T operator--(int) const requires is_atomic && std::integral<T> { return fetch_sub(T{1}); }

  private:
    static void end(void* words) {
        if constexpr (!is_atomic) {
            static_cast<Words*>(words)->end();
        }
    }
    static constexpr detail::SharedKind kind{"Value", sizeof(Words), end};

    [[nodiscard]] Words& words() const { return *static_cast<Words*>(owner_.words()); }

    detail::SharedOwner owner_;
};

template <typename T>
inline constexpr bool shm::is_shared_handle<Value<T>> = true;

}  // namespace pinfold
