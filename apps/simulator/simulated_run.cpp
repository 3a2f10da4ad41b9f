// Discrete events: each is a moment at which a party is woken, has slept, or has run on its CPU for
// as long as it wanted. A worker's batch is one event, however many chunks it has, since nobody
// else can see its chunks one by one; a thief makes it shorter. So a job costs as many steps as it
// has batches. Only chunks that sleep are a step each.

#include "simulator/simulated_run.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pinfold::apps {

namespace {

// Below this share of a job's time, what is lost is not worth a name.
constexpr double worth_a_name = 0.05;

}  // namespace

// Workers that are bound share the CPUs in turns. The host is bound to none: it takes one that no
// worker has, else the last.
std::vector<Cpus::Group> SimulatedRun::groups(int workers, const Constants& constants) {
    if (!constants.is_bound) {
        return {Cpus::Group{.free = constants.cpus, .is_shared = false, .waiting = {}}};
    }
    return std::vector<Cpus::Group>(
        static_cast<std::size_t>(std::min(constants.cpus, workers + 1)));
}

std::vector<int> SimulatedRun::group_of(int workers, const Constants& constants) {
    std::vector<int> groups(static_cast<std::size_t>(workers) + 1, 0);
    if (constants.is_bound) {
        for (int i = 0; i < workers; ++i) {
            groups[static_cast<std::size_t>(i)] = i % constants.cpus;
        }
        groups.back() = std::min(constants.cpus - 1, workers);
    }
    return groups;
}

SimulatedRun::SimulatedRun(const Workload& work, int workers, const Constants& constants)
    : work_(work),
      constants_(constants),
      times_(work.chunk_seconds, work.chunks_sleep ? 0 : constants.chunk),
      cpus_(events_, groups(workers, constants), group_of(workers, constants), constants.slice),
      cursors_(times_.count(), workers, constants.numa_nodes),
      workers_(static_cast<std::size_t>(workers)) {}

Prediction SimulatedRun::run() {
    cpus_.want(host(), constants_.open, 0);
    while (host_step_ != HostStep::is_done && !events_.empty()) {
        const Event event = events_.pop();
        if (event.kind == Event::Kind::ran) {
            ran(event);
        } else {
            woken(event);
        }
    }
    return prediction();
}

void SimulatedRun::woken(const Event& event) {
    if (event.party != host()) {
        const bool is_called = event.kind == Event::Kind::called;
        worker(event.party).step = is_called ? Step::enters : Step::resumes;
        cpus_.want(event.party, is_called ? constants_.enter : constants_.resume, event.at);
    } else if (host_step_ == HostStep::waits) {
        fold(event.at, false);
    }  // else it still calls workers, and sees at the end of that that the job is over
}

void SimulatedRun::ran(const Event& event) {
    if (!cpus_.has_all(event)) {
        return;
    }
    if (event.party == host()) {
        host_ran(event.at);
    } else {
        worker_ran(event.party, event.at);
    }
}

void SimulatedRun::host_ran(double now) {
    switch (host_step_) {
        case HostStep::opens:
            host_step_ = HostStep::calls;
            call_workers(now);
            break;
        case HostStep::calls:
            if (is_over_) {
                late_calls_ = now - map_seconds_;
                fold(now, true);
            } else {
                host_step_ = HostStep::waits;
                cpus_.leave(host(), now);
            }
            break;
        case HostStep::folds:
            host_step_ = HostStep::is_done;
            seconds_ = now;
            break;
        case HostStep::waits:
        case HostStep::is_done:
            break;
    }
}

void SimulatedRun::fold(double now, bool has_cpu) {
    const double seconds = constants_.fold * static_cast<double>(times_.count()) + constants_.close;
    host_step_ = HostStep::folds;
    if (has_cpu) {
        cpus_.go_on(host(), seconds, now);
    } else {
        cpus_.want(host(), seconds, now);
    }
}

// As many as there are chunks. Those that sleep are woken one after the other.
void SimulatedRun::call_workers(double now) {
    const auto most = static_cast<std::uint64_t>(workers_.size());
    const int called = static_cast<int>(std::min(most, times_.count()));
    for (int i = 0; i < called; ++i) {
        worker(i).was_called = true;
        const double until = constants_.workers_spin ? constants_.line : constants_.call * (i + 1);
        events_.push(now + until, Event::Kind::called, i);
    }
    if (called == 0) {
        map_is_over(now);
    }
    cpus_.go_on(host(), constants_.workers_spin ? 0 : called * constants_.call, now);
}

void SimulatedRun::worker_ran(int number, double now) {
    switch (Worker& me = worker(number); me.step) {
        case Step::enters:
            me.has_entered = true;
            me.entered = now;
            me.ended = now;
            claim(number, now, 0);
            break;
        case Step::claims:
            me.began = now;
            begin_sleep(number, now);
            break;
        case Step::resumes:
            end_of_sleeping_chunk(number, now);
            break;
        case Step::computes:
            end_of_batch(number, now);
            break;
        case Step::looks:
            go_to_sleep(number, now);
            break;
        case Step::sleeps:
        case Step::in_chunk:
            break;
    }
}

// `before` is CPU time that comes first: to count the batch before.
void SimulatedRun::claim(int number, double now, double before) {
    Worker& me = worker(number);
    const Cursors::Deal deal = cursors_.next(number, me.size, now + before, constants_.line);
    double cost = before + constants_.batch + deal.seconds;
    ChunkRow row = deal.row;
    if (row.empty()) {
        row = take_from_others(number, now, cost);
        steals_ += row.empty() ? 0U : 1U;
    }
    if (row.empty()) {
        me.step = Step::looks;
        cpus_.go_on(number, cost, now);
    } else {
        begin_batch(number, row, cost, now);
    }
}

void SimulatedRun::begin_batch(int number, ChunkRow row, double cost, double now) {
    Worker& me = worker(number);
    ++batches_;
    me.row = row;
    me.at = row.first;
    me.claim = cost;
    me.beside += cost;
    me.step = work_.chunks_sleep ? Step::claims : Step::computes;
    me.began = now + cost;
    me.wanted = cost + (work_.chunks_sleep ? 0 : times_.sum(row.first, row.last));
    cpus_.go_on(number, me.wanted, now);
}

void SimulatedRun::begin_sleep(int number, double now) {
    Worker& me = worker(number);
    me.step = Step::in_chunk;
    events_.push(now + times_.sum(me.at, me.at + 1), Event::Kind::slept, number);
    cpus_.leave(number, now);
}

void SimulatedRun::end_of_sleeping_chunk(int number, double now) {
    Worker& me = worker(number);
    me.beside += constants_.resume;
    if (++me.at < me.row.last) {
        begin_sleep(number, now);
    } else {
        end_of_batch(number, now);
    }
}

// The count is one write of a line that all share, and what follows waits for it.
void SimulatedRun::end_of_batch(int number, double now) {
    Worker& me = worker(number);
    const double beside =
        work_.chunks_sleep ? 0 : constants_.chunk * static_cast<double>(me.row.size());
    me.busy += times_.sum(me.row.first, me.row.last) - beside;
    me.beside += beside;
    me.size = Cursors::size_after(me.size, now - me.began);
    me.ended = now;
    done_ += me.row.size();
    me.row = {};
    if (done_ == times_.count() && !is_over_) {
        map_is_over(now);
    }
    if (is_over_) {
        go_to_sleep(number, now);
    } else {
        claim(number, now, over_.use(number, now, 1, constants_.line));
    }
}

void SimulatedRun::go_to_sleep(int number, double now) {
    worker(number).step = Step::sleeps;
    cpus_.leave(number, now);
}

void SimulatedRun::map_is_over(double now) {
    is_over_ = true;
    map_seconds_ = now;
    const double until = constants_.workers_spin ? constants_.line : constants_.report;
    events_.push(now + until, Event::Kind::called, host());
}

// The first worker that has chunks left which need no asking; then the first that holds a lease.
ChunkRow SimulatedRun::take_from_others(int number, double now, double& cost) {
    for (const bool of_lease : {false, true}) {
        for (int other = 0; other < host(); ++other) {
            if (other == number) {
                continue;
            }
            cost += constants_.look;
            const ChunkRow row = later_half(other, now, of_lease);
            if (!row.empty()) {
                cost += of_lease ? constants_.split : 0;
                give_up(other, row.first, now);
                return row;
            }
        }
    }
    return {};
}

/// The chunk that a worker is in.
std::uint64_t SimulatedRun::at_of(int number, double now) const {
    const Worker& other = worker(number);
    if (work_.chunks_sleep) {
        return other.at;
    }
    const double did = other.wanted - cpus_.remaining(number, now) - other.claim;
    return times_.chunk_at(other.row.first, other.row.last, did);
}

// Long batches are run under leases of whole rows, of which nobody else may take a part unasked.
ChunkRow SimulatedRun::later_half(int number, double now, bool of_lease) const {
    const Worker& other = worker(number);
    if (other.row.size() <= 1 || other.row.empty()) {
        return {};
    }
    const std::uint64_t at = at_of(number, now);
    const std::uint64_t lease_end = at - at % Cursors::lease_chunks + Cursors::lease_chunks;
    const bool is_leased = other.row.size() >= Cursors::lease_chunks;
    const ChunkRow left{is_leased && !of_lease ? lease_end : at + 1, other.row.last};
    return left.empty() ? ChunkRow() : ChunkRow{left.first + left.size() / 2, left.last};
}

void SimulatedRun::give_up(int number, std::uint64_t last, double now) {
    Worker& other = worker(number);
    if (!work_.chunks_sleep) {
        const double less = times_.sum(last, other.row.last);
        other.wanted -= less;
        cpus_.shorten(number, less, now);
    }
    other.row.last = last;
}

// The mean worker's time up to the last commit, in parts, and what the host did behind that.
std::vector<Term> SimulatedRun::terms() const {
    double start = 0;
    double beside = 0;
    double busy = 0;
    double end = 0;
    double all = 0;
    for (const Worker& each : workers_) {
        const double entered = each.has_entered ? std::min(each.entered, map_seconds_)
                                                : (each.was_called ? map_seconds_ : 0);
        const double ended = each.has_entered ? std::min(each.ended, map_seconds_) : entered;
        start += entered;
        beside += each.beside;
        busy += each.busy;
        end += map_seconds_ - ended;
        all += map_seconds_;
    }
    const auto count = static_cast<double>(workers_.size());
    const double shared = std::max(0.0, all - start - beside - busy - end);
    return {{"work", busy / count},
            {"start of the workers", start / count + late_calls_},
            {"claims and commits", beside / count},
            {"CPUs shared", shared / count},
            {"imbalance at the end", end / count},
            {"report and fold", seconds_ - map_seconds_ - late_calls_}};
}

Prediction SimulatedRun::prediction() const {
    const double serial =
        std::accumulate(work_.chunk_seconds.begin(), work_.chunk_seconds.end(), 0.0) +
        constants_.fold * static_cast<double>(times_.count());
    Prediction prediction{.workers = host(),
                          .seconds = seconds_,
                          .speedup = seconds_ > 0 ? serial / seconds_ : 1,
                          .batches = batches_,
                          .steals = steals_,
                          .terms = terms()};
    prediction.busy_seconds = prediction.terms.front().seconds;
    prediction.waiting_seconds = map_seconds_ - prediction.busy_seconds;
    const auto lost =
        std::max_element(prediction.terms.begin() + 1, prediction.terms.end(),
                         [](const Term& a, const Term& b) { return a.seconds < b.seconds; });
    const bool is_notable = prediction.busy_seconds < (1 - worth_a_name) * seconds_;
    prediction.limit = is_notable ? lost->name : prediction.terms.front().name;
    return prediction;
}

}  // namespace pinfold::apps
