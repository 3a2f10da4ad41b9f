#pragma once

#include <string>

namespace pinfold::apps::report {

/// What the page's drawings are painted with. A number is the same thing in a gnuplot script
/// (colour #0101NN), in a cleaned drawing (class sNN strokes, fNN fills) and in the style sheet.
enum class Paint {
    ink = 1,
    soft = 2,     ///< grid lines
    shade = 3,    ///< behind points that say less
    bound = 4,    ///< what the memory gives
    series = 10,  ///< the first of `series_paints`
    busy = 20,    ///< the first of `busy_paints`, from little to all
    waiting = 30,
    idle = 31,
};

/// So many series have a colour and a marker of their own; a figure holds no more.
constexpr int series_paints = 6;
constexpr int busy_paints = 5;

/// The whole style sheet: light, dark and print, in which only the variables differ.
[[nodiscard]] std::string style_sheet();

}  // namespace pinfold::apps::report
