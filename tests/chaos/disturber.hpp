#pragma once

#include <atomic>
#include <cstdint>
#include <random>
#include <stop_token>
#include <thread>

#include "at_work.hpp"

namespace chaos {

/// What a round does to its pool.
struct Plan {
    int kills = 0;                  // of workers
    bool stops_supervisor = false;  // once; the host is to tell it to go on
    bool kills_supervisor = false;  // as the last deed
    bool stops_for_good = false;    // one worker, which only a chunk deadline ends
};

struct Deeds {
    int kills = 0;
    int stops = 0;
    int harmless_signals = 0;
    int supervisor_stops = 0;
    int supervisor_kills = 0;

    Deeds& operator+=(const Deeds& other) noexcept {
        kills += other.kills;
        stops += other.stops;
        harmless_signals += other.harmless_signals;
        supervisor_stops += other.supervisor_stops;
        supervisor_kills += other.supervisor_kills;
        return *this;
    }
};

/// A thread that kills, stops and resumes the processes of this process's only pool at random
/// moments.
class Disturber {
  public:
    Disturber(const Plan& plan, pinfold::testing::AtWork& at_work, std::uint64_t seed);

    /// Whether all of the plan is done.
    [[nodiscard]] bool done() const noexcept { return done_.load(); }

    /// Waits for the thread. Returns what it did.
    Deeds finish();

  private:
    void work(const std::stop_token& stop);
    void disturb_workers();
    bool kill_one();
    bool kill_a_starting_one();
    void stop_for_a_while();
    void send_a_harmless_signal();
    void stop_for_good();
    [[nodiscard]] bool chance(unsigned one_in) { return random_() % one_in == 0; }

    const Plan plan_;
    pinfold::testing::AtWork& at_work_;
    const int supervisor_;
    std::minstd_rand random_;
    Deeds deeds_;
    bool last_was_starting_ = false;
    std::atomic<bool> done_{false};
    std::jthread thread_;
};

}  // namespace chaos
