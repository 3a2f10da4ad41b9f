#include "report/drawing/machine_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "report/drawing/child_process.hpp"
#include "report/drawing/svg_reader.hpp"

namespace pinfold::apps::report {

namespace {

constexpr std::array<std::string_view, 14> kinds{"Machine", "Package", "Die", "NUMANode", "Group",
                                                 "L5",      "L4",      "L3",  "L2",       "L1d",
                                                 "L1i",     "Core",    "PU",  "Misc"};

/// A whole number that an attribute begins with, such as 12 of "12px".
int number_in(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The value of an attribute of a tag of hwloc's, -1 where it is not there.
int attribute_number(std::string_view tag, std::string_view name) {
    const std::string begin = fmt::format(" {}=\"", name);
    const std::size_t at = tag.find(begin);
    return at == std::string_view::npos ? -1 : number_in(tag.substr(at + begin.size()));
}

std::string_view kind_of(const SvgToken& token) {
    const auto* const known = std::ranges::find(kinds, token.get("class"));
    return known == kinds.end() ? std::string_view("Group") : *known;
}

/// lstopo with that much left out, and whether it draws what is alike once.
struct Attempt {
    std::vector<std::string> options;
    bool is_folded;
};

std::vector<std::string> words_of(const std::string& program, const Attempt& attempt) {
    std::vector<std::string> words{program, "-i", "-", "--if", "xml", "--of", "svg"};
    for (const char* const option : {"--no-legend", "--no-io", "-p", "--fontsize", "13"}) {
        words.emplace_back(option);
    }
    words.insert(words.end(), attempt.options.begin(), attempt.options.end());
    words.emplace_back("-");
    return words;
}

ChildOutcome run_lstopo(const Tools& tools, const Attempt& attempt, const std::string& xml) {
    ChildOutcome first = run_child(words_of(tools.lstopo, attempt), xml, tools.patience);
    if (first.is_good() || tools.other_lstopo.empty()) {
        return first;
    }
    ChildOutcome other = run_child(words_of(tools.other_lstopo, attempt), xml, tools.patience);
    return other.is_good() ? other : first;
}

}  // namespace

std::string name_of_workers(const std::vector<int>& workers) {
    if (workers.size() == 2) {
        return fmt::format("workers {}, {}", workers[0], workers[1]);
    }
    return workers.size() < 2
               ? fmt::format("worker {}", workers.empty() ? 0 : workers[0])
               : fmt::format("worker {} and {} more", workers[0], workers.size() - 1);
}

std::string with_workers(std::string_view topology_xml, const BoundWorkers& bound) {
    constexpr std::string_view begin = "<object type=\"PU\"";
    std::string result;
    while (true) {
        const std::size_t at = topology_xml.find(begin);
        const std::size_t end = topology_xml.find('>', at);
        if (at == std::string_view::npos || end == std::string_view::npos) {
            result += topology_xml;
            return result;
        }
        const std::string_view tag = topology_xml.substr(at, end + 1 - at);
        result += topology_xml.substr(0, at);
        const auto found = bound.find(attribute_number(tag, "os_index"));
        if (found == bound.end() || !tag.ends_with("/>")) {
            result += tag;
        } else {
            result += tag.substr(0, tag.size() - 2);
            result += fmt::format("><object type=\"Misc\" name=\"{}\"/></object>",
                                  name_of_workers(found->second));
        }
        topology_xml.remove_prefix(end + 1);
    }
}

Drawing drawing_of_lstopo(std::string_view text) {
    SvgReader reader(text);
    SvgToken token;
    Drawing drawing;
    while (reader.next(token)) {
        if (token.kind != SvgToken::Kind::begin) {
            continue;
        }
        if (token.name == "svg") {
            drawing.width = number_in(token.get("width"));
            drawing.height = number_in(token.get("height"));
        } else if (token.name == "rect") {
            drawing.content +=
                fmt::format("<rect class=\"h{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                            kind_of(token), number_in(token.get("x")), number_in(token.get("y")),
                            number_in(token.get("width")), number_in(token.get("height")));
        } else if (token.name == "text") {
            const int x = number_in(token.get("x"));
            const int y = number_in(token.get("y"));
            if (reader.next(token) && token.kind == SvgToken::Kind::text) {
                drawing.content +=
                    fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", x, y, token.name);
            }
        }
    }
    if (drawing.width <= 0 || drawing.height <= 0 || drawing.content.empty()) {
        throw std::invalid_argument("the drawing is empty");
    }
    return drawing;
}

MachineDrawing draw_machine(const std::string& topology_xml, const BoundWorkers& bound,
                            const Tools& tools, std::size_t most_bytes) {
    const std::string full = with_workers(topology_xml, bound);
    const Attempt attempts[] = {{{"--no-factorize"}, false},
                                {{"--no-factorize", "--no-caches"}, false},
                                {{"--no-caches"}, true}};
    for (const Attempt& attempt : attempts) {
        const ChildOutcome outcome = run_lstopo(tools, attempt, full);
        if (!outcome.is_good()) {
            return {.problem = outcome.problem};
        }
        try {
            Drawing drawing = drawing_of_lstopo(outcome.output);
            if (drawing.content.size() <= most_bytes) {
                return {.drawing = std::move(drawing), .is_folded = attempt.is_folded};
            }
        } catch (const std::invalid_argument& error) {
            return {.problem = tools.lstopo + " drew something else: " + error.what()};
        }
    }
    return {.problem = "a machine of that size does not fit in a page below 300 KB"};
}

}  // namespace pinfold::apps::report
