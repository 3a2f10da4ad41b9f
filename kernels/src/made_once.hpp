#pragma once

#include <atomic>
#include <memory>

namespace pinfold::kernels {

/// An object that whoever asks first makes, for the whole life of the process. Threads that ask at
/// the same time each make one, of which one counts. There is no lock, as a function's static has
/// one: in a child that was forked while another thread had it, it would stay taken for ever.
///
/// Thread-safety: all members. Fork: a child has what was made. Run time: a load.
template <typename T>
class MadeOnce {
  public:
    /// `make` returns a new T, and may throw.
    template <typename Make>
    [[nodiscard]] const T& get(const Make& make) {
        // Acquire: pairs with the release of whoever made it.
        const T* const known = made_.load(std::memory_order_acquire);
        return known != nullptr ? *known : put(make());
    }

  private:
    [[gnu::noinline]] const T& put(std::unique_ptr<const T> fresh) {
        const T* known = nullptr;
        const bool is_first = made_.compare_exchange_strong(
            known, fresh.get(), std::memory_order_acq_rel, std::memory_order_acquire);
        return is_first ? *fresh.release() : *known;
    }

    std::atomic<const T*> made_{nullptr};
};

}  // namespace pinfold::kernels
