#include <algorithm>
#include <charconv>
#include <pinfold/affinity/cpu_list.hpp>
#include <set>
#include <stdexcept>

namespace pinfold::affinity {
namespace {

[[noreturn]] void refuse(std::string_view word, std::string_view list, const std::string& why) {
    throw std::invalid_argument("'" + std::string(word) + "' in the CPU list '" +
                                std::string(list) + "' " + why);
}

/// The number that `text` is from end to end, or -1.
int parse_cpu(std::string_view text) {
    int cpu = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && cpu >= 0 && cpu <= max_cpu ? cpu : -1;
}

struct CpuRange {
    int first = 0;
    int last = 0;
};

CpuRange parse_range(std::string_view word, std::string_view list) {
    // A dash at the start is a minus sign, which parse_cpu() refuses.
    const auto dash = word.find('-', 1);
    CpuRange range;
    range.first = parse_cpu(word.substr(0, dash));
    range.last = dash == std::string_view::npos ? range.first : parse_cpu(word.substr(dash + 1));
    if (range.first < 0 || range.last < 0) {
        refuse(word, list,
               "is not a CPU number 0.." + std::to_string(max_cpu) + " or a range such as 4-7");
    }
    if (range.last < range.first) {
        refuse(word, list, "is a range that ends before it begins");
    }
    return range;
}

}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
    std::vector<int> cpus;
    std::set<int> seen;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(',', begin), text.size());
        const auto word = text.substr(begin, end - begin);
        const auto range = parse_range(word, text);
        for (int cpu = range.first; cpu <= range.last; ++cpu) {
            if (!seen.insert(cpu).second) {
                refuse(word, text, "lists CPU " + std::to_string(cpu) + " a second time");
            }
            cpus.push_back(cpu);
        }
        begin = end + 1;
    }
    return cpus;
}

std::string format_cpu_list(std::span<const int> cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
        if (last > first) {
            text += "-" + std::to_string(cpus[last]);
        }
        first = last + 1;
    }
    return text;
}

}  // namespace pinfold::affinity
