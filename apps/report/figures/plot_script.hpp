#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/html/style.hpp"

namespace pinfold::apps::report {

/// A figure is drawn twice, and the page shows the one that fits: at a width of 400 px the wide one
/// would shrink until its text cannot be read.
enum class Width { wide, narrow };

/// The sizes of a drawing, in pixels.
struct Canvas {
    int width = 0;
    int height = 0;
    int left = 66;
    int right = 24;
    int top = 44;     ///< room for the name of the vertical axis and, below it, of a shade
    int bottom = 56;  ///< room for the ticks and the name of the horizontal axis

    [[nodiscard]] int plot_width() const noexcept { return width - left - right; }
    [[nodiscard]] int plot_height() const noexcept { return height - top - bottom; }
};

[[nodiscard]] Canvas canvas(Width width, int height);

/// A mark on an axis and what stands beside it.
struct Tick {
    double at = 0;
    std::string text;
};

/// The ends of an axis.
struct Range {
    double low = 1;
    double high = 1;

    /// Widened so that it holds the number.
    void hold(double number);
};

/// A script for gnuplot that grows line by line. It holds numbers and texts of this program alone;
/// what a user typed stands in the page beside the drawing.
class PlotScript {
  public:
    explicit PlotScript(const Canvas& canvas);

    void line(std::string_view text);

    /// Names rows of numbers, which `plot` finds as $name.
    void data(std::string_view name, const std::vector<std::vector<double>>& rows);

    void ticks(char axis, const std::vector<Tick>& ticks);
    void range(char axis, const Range& range);

    /// What the axis shows. The name of the vertical one lies above it, where it needs no turned
    /// head and no width.
    void names(std::string_view horizontal, std::string_view vertical);

    /// The edges of the plot when it is not the whole canvas, in pixels from the top.
    void rows(int top, int bottom);

    /// All that plots together in one coordinate system.
    void plot(const std::vector<std::string>& layers);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    Canvas canvas_;
    std::string text_;
};

/// `lc rgb "#0101NN"`
[[nodiscard]] std::string colour(Paint paint, int offset = 0);

/// The same for the area of an object, `fc rgb "#0101NN"`.
[[nodiscard]] std::string fill_colour(Paint paint);

}  // namespace pinfold::apps::report
