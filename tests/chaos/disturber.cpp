#include "disturber.hpp"

#include <signal.h>
#include <unistd.h>

#include "process_tree.hpp"

namespace chaos {

namespace {

// The pauses between two deeds, in microseconds: from one at once to a few a job.
constexpr unsigned longest_pause = 4000;
constexpr unsigned longest_stop = 3000;

// A process that has died takes a signal until it is waited for, and dies no second time.
[[nodiscard]] bool kill_worker(int supervisor, int pid) {
    return pinfold::testing::is_alive(pid) &&
           pinfold::testing::signal_child(supervisor, pid, SIGKILL);
}

}  // namespace

Disturber::Disturber(const Plan& plan, pinfold::testing::AtWork& at_work, std::uint64_t seed)
    : plan_(plan),
      at_work_(at_work),
      supervisor_(pinfold::testing::supervisor_of(getpid())),
      random_(static_cast<std::minstd_rand::result_type>(seed)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

Deeds Disturber::finish() {
    thread_.request_stop();
    thread_.join();
    return deeds_;
}

void Disturber::work(const std::stop_token& stop) {
    const int supervisor_stop_at = plan_.stops_supervisor ? plan_.kills / 2 : -1;
    while (deeds_.kills < plan_.kills && !stop.stop_requested()) {
        usleep(static_cast<useconds_t>(random_() % longest_pause));
        if (deeds_.kills == supervisor_stop_at && deeds_.supervisor_stops == 0 &&
            pinfold::testing::signal_child(getpid(), supervisor_, SIGSTOP)) {
            ++deeds_.supervisor_stops;
        }
        disturb_workers();
    }
    if (plan_.stops_for_good) {
        stop_for_good();
    }
    if (plan_.kills_supervisor && pinfold::testing::signal_child(getpid(), supervisor_, SIGKILL)) {
        ++deeds_.supervisor_kills;
    }
    done_ = true;
}

void Disturber::disturb_workers() {
    if (chance(4)) {
        stop_for_a_while();
    }
    if (chance(2)) {
        send_a_harmless_signal();
    }
    // A pool gives up when start-ups fail in a row, so between two of these a worker that ran dies.
    const bool starting = chance(8) && !last_was_starting_ && kill_a_starting_one();
    if (starting || kill_one()) {
        ++deeds_.kills;
        last_was_starting_ = starting;
    }
}

bool Disturber::kill_one() {
    return at_work_.offer(random_, [&](int pid) { return kill_worker(supervisor_, pid); });
}

// The newest worker, as far as pids tell: most likely in its start-up.
bool Disturber::kill_a_starting_one() {
    const std::vector<int> workers = pinfold::testing::workers_of(getpid());
    return !workers.empty() && kill_worker(supervisor_, workers.back());
}

void Disturber::stop_for_a_while() {
    const auto pause = static_cast<useconds_t>(random_() % longest_stop);
    at_work_.offer(random_, [&](int pid) {
        if (!pinfold::testing::signal_child(supervisor_, pid, SIGSTOP)) {
            return false;
        }
        ++deeds_.stops;
        usleep(pause);
        pinfold::testing::signal_child(supervisor_, pid, SIGCONT);
        return true;
    });
}

// What a terminal sends, which the host is to answer, and what is ignored by default.
void Disturber::send_a_harmless_signal() {
    constexpr int harmless[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGURG, SIGCONT};
    const int signal = harmless[random_() % std::size(harmless)];
    at_work_.offer(random_, [&](int pid) {
        const bool sent = pinfold::testing::signal_child(supervisor_, pid, signal);
        deeds_.harmless_signals += sent ? 1 : 0;
        return sent;
    });
}

void Disturber::stop_for_good() {
    at_work_.offer(random_, [&](int pid) {
        const bool stopped = pinfold::testing::signal_child(supervisor_, pid, SIGSTOP);
        deeds_.stops += stopped ? 1 : 0;
        return stopped;
    });
}

}  // namespace chaos
