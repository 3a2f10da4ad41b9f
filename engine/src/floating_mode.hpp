#pragma once

#include <cfenv>
#include <cstring>

namespace pinfold::detail {

/// How a thread computes with floating-point numbers: rounding, what becomes of denormal ones
/// (FTZ, DAZ), the precision of x87, which exceptions trap. The flags of exceptions that happened
/// are no part of it.
class FloatingMode {
  public:
    /// That of the calling thread.
    [[nodiscard]] static FloatingMode of_this_thread() noexcept;

    /// Becomes that of the calling thread. Writes only where that differs, so memory that others
    /// have read stays theirs too.
    void follow_this_thread() noexcept;

    void apply_to_this_thread() const noexcept;

    friend bool operator==(const FloatingMode& a, const FloatingMode& b) noexcept {
        return std::memcmp(&a.state_, &b.state_, sizeof(std::fenv_t)) == 0;
    }

  private:
    std::fenv_t state_{};
};

/// Gives a thread a mode for the life of this object, and its own one back after that, whatever was
/// changed meanwhile. Cost: some nanoseconds where the modes are the same.
class FloatingModeHeld {
  public:
    explicit FloatingModeHeld(const FloatingMode& mode) noexcept
        : own_(FloatingMode::of_this_thread()) {
        mode.apply_to_this_thread();
    }
    ~FloatingModeHeld() { own_.apply_to_this_thread(); }
    FloatingModeHeld(const FloatingModeHeld&) = delete;
    FloatingModeHeld& operator=(const FloatingModeHeld&) = delete;

  private:
    const FloatingMode own_;
};

}  // namespace pinfold::detail
