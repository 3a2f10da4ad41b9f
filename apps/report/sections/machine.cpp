#include "report/sections/machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/drawing/machine_drawing.hpp"
#include "report/html/numbers.hpp"
#include "report/look_up.hpp"

namespace pinfold::apps::report {

namespace {

constexpr std::size_t most_bytes = 60'000;
constexpr std::size_t most_named_workers = 64;

BoundWorkers bound_workers(const Sample& sample) {
    BoundWorkers bound;
    for (const WorkerTime& worker : sample.workers) {
        if (worker.cpu >= 0) {
            bound[worker.cpu].push_back(worker.worker);
        }
    }
    return bound;
}

/// The first sample of each configuration whose workers were bound.
std::vector<const Sample*> bound_samples(const Study& study) {
    std::vector<const Sample*> samples;
    std::vector<bool> is_seen(study.configurations.size());
    for (const Sample& sample : study.samples) {
        const bool is_new = sample.configuration < is_seen.size() && !is_seen[sample.configuration];
        if (is_new && !bound_workers(sample).empty()) {
            is_seen[sample.configuration] = true;
            samples.push_back(&sample);
        }
    }
    std::ranges::sort(samples, {}, &Sample::configuration);
    return samples;
}

/// The one to draw: most workers, but no more than the CPUs have room for, of the first such
/// series.
const Sample* sample_to_draw(const Study& study, const std::vector<const Sample*>& samples) {
    const auto rank = [&](const Sample* sample) {
        const Configuration& one = study.configurations[sample->configuration];
        return std::pair(!one.beyond, one.beyond ? -one.workers : one.workers);
    };
    const auto best = std::ranges::max_element(samples, {}, rank);
    return best == samples.end() ? nullptr : *best;
}

std::string places_of(const Sample& sample) {
    std::string text;
    for (std::size_t at = 0; at < std::min(sample.workers.size(), most_named_workers); ++at) {
        const WorkerTime& worker = sample.workers[at];
        text += text.empty() ? "" : ", ";
        text += worker.cpu < 0 ? fmt::format("{}: anywhere", worker.worker)
                               : fmt::format("{}: {}", worker.worker, worker.cpu);
    }
    return sample.workers.size() > most_named_workers
               ? text + fmt::format(", and {} more", sample.workers.size() - most_named_workers)
               : text;
}

void write_places(Html& html, const Study& study, const std::vector<const Sample*>& samples) {
    Table table{"Which CPU each worker was bound to, as worker: CPU", {"run", "workers"}, {}, true};
    for (const Sample* const sample : samples) {
        table.rows.push_back(
            {study.configurations[sample->configuration].name(), places_of(*sample)});
    }
    if (!table.rows.empty()) {
        write_folded_table(html, "Where the workers ran", table);
    }
}

void write_drawing(Html& html, Figures& figures, const Study& study, const Sample* sample) {
    const BoundWorkers bound = sample == nullptr ? BoundWorkers() : bound_workers(*sample);
    const MachineDrawing machine =
        draw_machine(study.environment.topology_xml, bound, figures.tools(),
                     std::min(most_bytes, figures.bytes_left()));
    if (!machine.problem.empty()) {
        html.element("p", "The machine is not drawn: " + machine.problem + ".",
                     {{"class", "warning"}});
        return;
    }
    const auto figure = html.in("figure");
    figures.write_machine(html, machine.drawing,
                          "The machine's packages, caches, cores and PUs, each in what holds it.");
    const auto caption = html.in("figcaption");
    html.text(
        "The machine as hwloc sees it. A PU is what runs one thread: a CPU in Linux's terms, "
        "by whose number it is named. ");
    if (sample == nullptr) {
        html.text("No worker was bound to one.");
    } else {
        html.text("On it are the workers of " + study.configurations[sample->configuration].name() +
                  ".");
        if (machine.is_folded) {
            html.text(
                " Of cores that are alike only the first ones and the last are drawn; the "
                "table has all workers.");
        }
    }
}

}  // namespace

void write_machine(Html& html, Figures& figures, const Study& study) {
    const auto section = html.in("section", {{"id", "machine"}});
    html.element("h2", "The machine");
    const std::vector<const Sample*> samples = bound_samples(study);
    if (study.environment.topology_xml.empty()) {
        html.element("p", "The machine's topology was not recorded, so it is not drawn.");
    } else if (figures.bytes_left() > 0) {
        write_drawing(html, figures, study, sample_to_draw(study, samples));
    }
    write_places(html, study, samples);
}

}  // namespace pinfold::apps::report
