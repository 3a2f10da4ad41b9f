#pragma once

#include <pinfold/api.hpp>
#include <utility>

namespace pinfold::shm {

/// An open file descriptor that closes itself. Move-only.
///
///     pinfold::shm::Descriptor copy(dup(STDIN_FILENO));
///     pinfold::shm::Descriptor owner = std::move(copy);
///     assert(copy.number() < 0);  // owner closes it
///
/// Thread-safety: that of a plain int. Fork: a child's copy closes the child's own descriptor.
class PINFOLD_API Descriptor {
  public:
    Descriptor() = default;

    /// Takes over `number`. A negative one, which is how the system says no, owns nothing.
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    /// What the system calls take; negative when nothing is owned.
    [[nodiscard]] int number() const noexcept { return number_; }

    /// Closes it now.
    void reset() noexcept;

    /// Lets go of it without closing it, and returns its number.
    int release() noexcept { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

}  // namespace pinfold::shm
