#include "harness/turns.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <pinfold/affinity/binding.hpp>
#include <thread>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

void check(const std::string& name, Partial got, Partial wanted) {
    if (got == wanted) {
        return;
    }
    std::fprintf(stderr, "%s: a wrong answer: sum %llu of %llu chunks\n", name.c_str(),
                 static_cast<unsigned long long>(got.sum),
                 static_cast<unsigned long long>(got.chunks));
    std::abort();
}

/// The block of one case, of which all jobs have the same value.
class Turn {
  public:
    Turn(const Contest& contest, const Case& entrant, Partial wanted)
        : contest_(contest),
          name_(contest.name + "/" + entrant.name),
          wanted_(wanted),
          runner_(entrant.make()) {
        if (const int cpu = runner_->caller_cpu(); cpu >= 0) {
            caller_.emplace(cpu);
        }
    }

    Block run() {
        for (int i = 0; i < contest_.warm_ups; ++i) {
            job();
        }
        Block block;
        for (int i = 0; i < contest_.jobs; ++i) {
            std::this_thread::sleep_for(contest_.pause);
            block.push_back(job());
        }
        return block;
    }

  private:
    Job job() {
        const auto start = Clock::now();
        const Partial got = runner_->run(contest_.work);
        const std::chrono::duration<double> spent = Clock::now() - start;
        check(name_, got, wanted_);
        const double own = runner_->own_seconds();
        const double seconds = own < 0 ? spent.count() : own;
        if (contest_.least_share == 0) {  // nobody is asked: it costs the parties cache lines
            return {seconds};
        }
        return {seconds, smallest_share(runner_->chunks_by_party())};
    }

    const Contest& contest_;
    const std::string name_;
    const Partial wanted_;
    const std::unique_ptr<Runner> runner_;
    std::optional<pinfold::affinity::ScopedBinding> caller_;
};

}  // namespace

std::vector<Blocks> run_in_turns(const Contest& contest, const std::vector<bool>& takes_part) {
    const Partial wanted = run_plainly(contest.work);
    std::vector<Blocks> blocks(contest.cases.size());
    for (int round = 0; round < contest.rounds; ++round) {
        for (std::size_t i = 0; i < contest.cases.size(); ++i) {
            if (takes_part[i]) {
                blocks[i].push_back(Turn(contest, contest.cases[i], wanted).run());
            }
        }
    }
    return blocks;
}

}  // namespace bench
