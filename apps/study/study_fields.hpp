#pragma once

#include <concepts>
#include <type_traits>

#include "study/analysis.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

// The members of a study, each with its name in a file. What is written and what is read cannot
// differ, since both come from this one list. `member(name, value)` is called for each.

/// T itself, or a const T: to be read, or to be written.
template <typename Given, typename T>
concept Some = std::same_as<std::remove_const_t<Given>, T>;

template <Some<Configuration> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("role", it.role);
    member("series", it.series);
    member("workers", it.workers);
    member("n", it.n);
    member("work", it.work);
    member("smt", it.smt);
    member("beyond", it.beyond);
    member("command", it.command);
    member("environment", it.environment);
}

template <Some<WorkerTime> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("worker", it.worker);
    member("cpu", it.cpu);
    member("chunks", it.chunks);
    member("busy_seconds", it.busy_seconds);
}

template <Some<Sample> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("configuration", it.configuration);
    member("repetition", it.repetition);
    member("order", it.order);
    member("command_seconds", it.command_seconds);
    member("pool_seconds", it.pool_seconds);
    member("job_seconds", it.job_seconds);
    member("cpu_seconds", it.cpu_seconds);
    member("value", it.value);
    member("value_is_told", it.value_is_told);
    member("chunks", it.chunks);
    member("attempts", it.attempts);
    member("deaths", it.deaths);
    member("workers", it.workers);
    member("rss_bytes", it.rss_bytes);
    member("pss_bytes", it.pss_bytes);
    member("arena_bytes", it.arena_bytes);
    member("cycles", it.cycles);
    member("instructions", it.instructions);
    member("llc_misses", it.llc_misses);
    member("migrations", it.migrations);
    member("page_faults", it.page_faults);
    member("throttled_seconds", it.throttled_seconds);
    member("steal_seconds", it.steal_seconds);
    member("load", it.load);
}

template <Some<Fact> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("group", it.group);
    member("name", it.name);
    member("text", it.text);
    member("number", it.number);
    member("unit", it.unit);
}

template <Some<Bandwidth> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("workers", it.workers);
    member("pin", it.pin);
    member("bytes_per_second", it.bytes_per_second);
}

template <Some<Environment> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("facts", it.facts);
    member("bandwidths", it.bandwidths);
    member("warnings", it.warnings);
    member("topology_xml", it.topology_xml);
    member("usable_cpus", it.usable_cpus);
    member("usable_cores", it.usable_cores);
}

template <Some<TracedChunk> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("worker", it.worker);
    member("begin_seconds", it.begin_seconds);
    member("seconds", it.seconds);
}

template <Some<Trace> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("configuration", it.configuration);
    member("file", it.file);
    member("chunks", it.chunks);
}

template <Some<StudyOptions> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("command", it.command);
    member("command_line", it.command_line);
    member("directory", it.directory);
    member("scaling", it.scaling);
    member("weak_rule", it.weak_rule);
    member("n", it.n);
    member("workers", it.workers);
    member("crews", it.crews);
    member("pins", it.pins);
    member("peers", it.peers);
    member("base", it.base);
    member("repetitions", it.repetitions);
    member("seed", it.seed);
    member("narrow_enough", it.narrow_enough);
    member("shortest_seconds", it.shortest_seconds);
    member("deadline_seconds", it.deadline_seconds);
}

template <Some<Study> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("started", it.started);
    member("pinfold_version", it.version);
    member("complete", it.complete);
    member("options", it.options);
    member("fixed", it.fixed);
    member("notes", it.notes);
    member("configurations", it.configurations);
    member("environment", it.environment);
    member("samples", it.samples);
    member("traces", it.traces);
}

// An analysis is written for other programs, and never read back.

template <Some<Estimate> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("value", it.value);
    member("low", it.low);
    member("high", it.high);
    member("level", it.level);
}

template <Some<Point> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("configuration", it.configuration);
    member("samples", it.samples);
    member("seconds", it.seconds);
    member("command_seconds", it.command_seconds);
    member("pool_seconds", it.pool_seconds);
    member("job_seconds", it.job_seconds);
    member("speedup", it.speedup);
    member("efficiency", it.efficiency);
    member("karp_flatt", it.karp_flatt);
    member("busy_seconds", it.busy_seconds);
    member("idle_seconds", it.idle_seconds);
    member("imbalance", it.imbalance);
    member("narrow", it.narrow);
}

template <Some<LawFit> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("law", it.law);
    member("contention", it.contention);
    member("crosstalk", it.crosstalk);
    member("seconds_of_one", it.seconds_of_one);
    member("peak_workers", it.peak_workers);
    member("residual", it.residual);
}

template <Some<CurvePoint> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("workers", it.workers);
    member("speedup", it.speedup);
}

template <Some<Series> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("name", it.name);
    member("role", it.role);
    member("points", it.points);
    member("fits", it.fits);
    member("curve", it.curve);
    member("findings", it.findings);
}

template <Some<Analysis> Given, typename Member>
void for_each_member(Given& it, Member member) {
    member("measure", it.measure);
    member("base", it.base);
    member("base_name", it.base_name);
    member("series", it.series);
    member("findings", it.findings);
}

}  // namespace pinfold::apps
