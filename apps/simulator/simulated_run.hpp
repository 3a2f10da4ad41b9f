#pragma once

#include <cstdint>
#include <vector>

#include "simulator/chunk_times.hpp"
#include "simulator/cpus.hpp"
#include "simulator/cursors.hpp"
#include "simulator/simulator.hpp"

namespace pinfold::apps {

/// One job in simulated time: the host opens it and calls the workers; each of them claims and runs
/// batches, and takes parts of others' when nothing else is left; the last commit calls the host,
/// which folds.
class SimulatedRun {
  public:
    SimulatedRun(const Workload& work, int workers, const Constants& constants);

    [[nodiscard]] Prediction run();

  private:
    enum class Step : std::uint8_t { sleeps, enters, claims, computes, in_chunk, resumes, looks };
    enum class HostStep : std::uint8_t { opens, calls, waits, folds, is_done };

    struct Worker {
        Step step = Step::sleeps;
        ChunkRow row;            ///< its batch; others may take its end
        std::uint64_t at = 0;    ///< of a batch that sleeps: the chunk that it is in
        std::uint64_t size = 1;  ///< of its next batch
        double claim = 0;        ///< CPU time in front of the batch's first chunk
        double wanted = 0;       ///< CPU time of claim and batch
        double began = 0;        ///< when it came to the batch's first chunk
        double entered = 0;      ///< when it first claimed
        double beside = 0;       ///< CPU time of claims and commits
        double busy = 0;         ///< inside chunks
        double ended = 0;        ///< its last batch
        bool was_called = false;
        bool has_entered = false;
    };

    static std::vector<Cpus::Group> groups(int workers, const Constants& constants);
    static std::vector<int> group_of(int workers, const Constants& constants);

    void woken(const Event& event);
    void ran(const Event& event);
    void host_ran(double now);
    void fold(double now, bool has_cpu);
    void call_workers(double now);
    void worker_ran(int number, double now);
    void claim(int number, double now, double before);
    void begin_batch(int number, ChunkRow row, double cost, double now);
    void begin_sleep(int number, double now);
    void end_of_sleeping_chunk(int number, double now);
    void end_of_batch(int number, double now);
    void go_to_sleep(int number, double now);
    [[nodiscard]] ChunkRow take_from_others(int number, double now, double& cost);
    [[nodiscard]] std::uint64_t at_of(int number, double now) const;
    [[nodiscard]] ChunkRow later_half(int number, double now, bool of_lease) const;
    void give_up(int number, std::uint64_t last, double now);
    void map_is_over(double now);
    [[nodiscard]] std::vector<Term> terms() const;
    [[nodiscard]] Prediction prediction() const;

    [[nodiscard]] int host() const noexcept { return static_cast<int>(workers_.size()); }
    [[nodiscard]] Worker& worker(int number) { return workers_[static_cast<std::size_t>(number)]; }
    [[nodiscard]] const Worker& worker(int number) const {
        return workers_[static_cast<std::size_t>(number)];
    }

    const Workload& work_;
    const Constants& constants_;
    const ChunkTimes times_;
    Events events_;
    Cpus cpus_;
    Cursors cursors_;
    SharedLine over_;  ///< how many chunks are over
    std::vector<Worker> workers_;
    std::uint64_t done_ = 0;
    std::uint64_t batches_ = 0;
    std::uint64_t steals_ = 0;
    HostStep host_step_ = HostStep::opens;
    bool is_over_ = false;    ///< all chunks are committed
    double map_seconds_ = 0;  ///< when the last one was
    double late_calls_ = 0;   ///< for how long the host still called workers then
    double seconds_ = 0;      ///< when the host had folded
};

}  // namespace pinfold::apps
