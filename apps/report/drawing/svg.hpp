#pragma once

#include <string>
#include <string_view>

namespace pinfold::apps::report {

/// A drawing that stands in a page: what is between <svg> and </svg>, and its size.
struct Drawing {
    int width = 0;
    int height = 0;
    std::string content;
};

/// What gnuplot's svg terminal drew, in the fewest bytes and without anything of its own to clash
/// with the rest of the page: no ids, fonts, titles, definitions or empty groups. A colour #0101NN
/// becomes a class of Paint NN: sNN for a stroke, fNN for an area, kNN for a marker. A marker is
/// the page's (see marker_symbols()). Coordinates keep a tenth of a pixel.
///
/// Only numbers, known elements and escaped text come through, whatever `text` holds. Throws
/// std::invalid_argument where it is no such drawing. Pure.
[[nodiscard]] Drawing drawing_of_gnuplot(std::string_view text);

/// The shapes of gnuplot's points 1, 2 and 4 to 15 as elements with ids, once for the whole page.
[[nodiscard]] std::string marker_symbols();

/// A path's data with a tenth of a pixel, and without what draws nothing.
[[nodiscard]] std::string short_path(std::string_view data);

}  // namespace pinfold::apps::report
