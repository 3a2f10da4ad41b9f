#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "report/drawing/gnuplot.hpp"
#include "study/study.hpp"

namespace pinfold::apps::report {

/// The workers of a run that were bound, by the CPU's number.
using BoundWorkers = std::map<int, std::vector<int>>;

/// "worker 3", "workers 3, 19", "worker 3 and 3 more"
[[nodiscard]] std::string name_of_workers(const std::vector<int>& workers);

/// hwloc's XML with a box for the workers in each PU that has some. Pure.
[[nodiscard]] std::string with_workers(std::string_view topology_xml, const BoundWorkers& bound);

/// What lstopo drew, without ids, fonts and colours: each box has its kind as a class, which the
/// style sheet colours. Only numbers, known kinds and text come through. Throws
/// std::invalid_argument where it is no such drawing. Pure.
[[nodiscard]] Drawing drawing_of_lstopo(std::string_view text);

/// The machine with its workers, or why there is none.
struct MachineDrawing {
    Drawing drawing;
    std::string problem;     ///< a sentence without its end; empty where it is drawn
    bool is_folded = false;  ///< of parts that are alike it shows the first ones and the last
};

/// Draws a large machine with less in it, until it has at most `most_bytes`.
[[nodiscard]] MachineDrawing draw_machine(const std::string& topology_xml,
                                          const BoundWorkers& bound, const Tools& tools,
                                          std::size_t most_bytes);

}  // namespace pinfold::apps::report
