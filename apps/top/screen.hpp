#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pinfold::apps {

/// A terminal that is drawn over and over, from its upper left corner on. Its cursor is hidden
/// meanwhile, and stands below what was drawn last at the end. Throws std::system_error when the
/// terminal is gone.
class Screen {
  public:
    /// Whether standard output is one that can be drawn over: TERM is not "dumb", nor unset.
    [[nodiscard]] static bool is_there();

    Screen() = default;
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// How much room it has now: it is asked at each look, so no signal has to tell of a change.
    struct Size {
        std::size_t columns = 80;
        std::size_t rows = 24;
    };
    [[nodiscard]] Size size() const;

    /// Lines that have room there.
    void show(const std::vector<std::string>& lines);

  private:
    bool is_drawn_ = false;
};

}  // namespace pinfold::apps
