#include "simulator/simulator.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "simulator/simulated_run.hpp"

namespace pinfold::apps {

namespace {

void require_time(const char* name, double seconds) {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
        throw std::invalid_argument(
            fmt::format("simulate: {} takes {} s: it is to be 0 or more", name, seconds));
    }
}

void check(const Constants& constants) {
    const std::array times{
        std::pair{"open", constants.open},   std::pair{"call", constants.call},
        std::pair{"enter", constants.enter}, std::pair{"batch", constants.batch},
        std::pair{"chunk", constants.chunk}, std::pair{"resume", constants.resume},
        std::pair{"line", constants.line},   std::pair{"look", constants.look},
        std::pair{"split", constants.split}, std::pair{"report", constants.report},
        std::pair{"fold", constants.fold},   std::pair{"close", constants.close},
    };
    for (const auto& [name, seconds] : times) {
        require_time(name, seconds);
    }
    if (!(constants.slice > 0)) {
        throw std::invalid_argument("simulate: a slice takes some time");
    }
    if (constants.cpus < 1) {
        throw std::invalid_argument(fmt::format("simulate: {} CPUs", constants.cpus));
    }
}

}  // namespace

Prediction simulate(const Workload& work, int workers, const Constants& constants) {
    if (workers < 1) {
        throw std::invalid_argument(fmt::format("simulate: {} workers", workers));
    }
    check(constants);
    for (const double seconds : work.chunk_seconds) {
        require_time("a chunk", seconds);
    }
    return SimulatedRun(work, workers, constants).run();
}

std::vector<Prediction> predict(const Workload& work, std::span<const int> workers,
                                Constants constants) {
    std::vector<Prediction> predictions;
    for (const int count : workers) {
        constants.cpus = count + 1;
        predictions.push_back(simulate(work, count, constants));
    }
    return predictions;
}

std::vector<int> powers_of_two() {
    std::vector<int> numbers;
    for (int number = 1; number <= 1024; number *= 2) {
        numbers.push_back(number);
    }
    return numbers;
}

std::vector<PublishedLine> published_lines() {
    const std::string source = "https://github.com/nviennot/core-to-core-latency, its results/";
    return {{"AWS Graviton3, 64 cores", 46e-9, source},
            {"two AMD EPYC 7742, 256 hardware threads", 261e-9, source}};
}

std::vector<std::string> assumptions_of(const Constants& constants) {
    const std::string line = fmt::format(
        "A cache line that another core has written comes from there in {:.0f} ns, and "
        "those who want it wait behind each other.",
        constants.line * 1e9);
    const std::string host = fmt::format(
        "The host wakes sleeping workers one after the other, {:.1f} µs each, and folds "
        "alone, {:.1f} ns a chunk.",
        constants.call * 1e6, constants.fold * 1e9);
    std::vector<std::string> all;
    all.emplace_back(
        "Every chunk takes as long as it did where it was timed: memory, caches and power that "
        "more "
        "workers would share are not in the model.");
    all.push_back(line);
    all.emplace_back(
        "Each worker has a core of its own unless the model says that they share; nothing else "
        "runs, nobody dies.");
    all.push_back(host);
    all.push_back("What the engine's steps cost was measured on " + constants.source + ".");
    return all;
}

}  // namespace pinfold::apps
