#pragma once

#include <string>
#include <vector>

#include "report/drawing/gnuplot.hpp"
#include "report/html/html.hpp"
#include "report/html/style.hpp"
#include "report/html/table.hpp"

namespace pinfold::apps::report {

/// What one symbol of a figure means.
struct LegendEntry {
    enum class Symbol { marker, line, area, band };
    Symbol symbol = Symbol::marker;
    int number = 0;      ///< of gnuplot's marker; of a line, unused
    int paint = 1;       ///< a Paint with its offset
    std::string dashes;  ///< of a line, as SVG writes them
    std::string text;
};

/// A figure: its drawing in two widths, and all that it shows as text.
struct Figure {
    std::string title;
    std::string label;  ///< what is to be seen, for those who cannot see it
    std::vector<LegendEntry> legend;
    std::string wide_script;
    std::string narrow_script;
    std::string caption;
    std::size_t leaves = 0;  ///< so many bytes of the page stay for what matters more
    Table data;  ///< what is drawn, as numbers; without rows where a table of the page has it
};

/// Draws figures into a page, as long as they fit in it.
class Figures {
  public:
    /// At most `most_bytes` of all drawings together.
    Figures(const Tools& tools, std::size_t most_bytes)
        : gnuplot_(tools), tools_(tools), bytes_left_(most_bytes) {}

    /// Where it cannot be drawn the page says why, and still holds its numbers.
    void write(Html& html, const Figure& figure);

    /// A drawing of hwloc's, which keeps its size and scrolls.
    void write_machine(Html& html, const Drawing& drawing, const std::string& label);

    [[nodiscard]] const Tools& tools() const noexcept { return tools_; }
    [[nodiscard]] std::size_t bytes_left() const noexcept { return bytes_left_; }

  private:
    bool write_drawings(Html& html, const Figure& figure);

    Gnuplot gnuplot_;
    Tools tools_;
    std::size_t bytes_left_;
    std::string problem_;
};

/// The markers that all figures and legends use.
void write_symbols(Html& html);

}  // namespace pinfold::apps::report
