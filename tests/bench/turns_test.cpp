#include "harness/turns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <pinfold/affinity/binding.hpp>
#include <string>
#include <vector>

namespace bench {
namespace {

using pinfold::affinity::bound_cpus;

constexpr Work work{.chunks = 4, .map = Work::Map::empty};

/// A runner that writes down when it begins, runs and ends.
class Noted : public Runner {
  public:
    Noted(std::string& notes, char name) : notes_(notes), name_(name) { notes_ += '<'; }
    ~Noted() override { notes_ += '>'; }
    Partial run(const Work& job) override {
        if (notes_.back() != name_) {
            notes_ += name_;
        }
        return run_plainly(job);
    }

  private:
    std::string& notes_;
    const char name_;
};

Case noted(std::string& notes, char name) {
    return {std::string(1, name), [&notes, name] { return std::make_unique<Noted>(notes, name); }};
}

TEST(Turns, GiveEachCaseABlockOfItsOwnInEachRound) {
    std::string notes;
    const Contest contest{.name = "noted",
                          .work = work,
                          .jobs = 3,
                          .rounds = 2,
                          .cases = {noted(notes, 'a'), noted(notes, 'b'), noted(notes, 'c')}};
    const auto blocks = run_in_turns(contest, {true, false, true});
    EXPECT_EQ(notes, "<a><c><a><c>") << "each runner has to end before the next one begins";
    ASSERT_EQ(blocks.size(), 3U);
    EXPECT_EQ(blocks[0].size(), 2U);
    EXPECT_EQ(blocks[1].size(), 0U);
    EXPECT_EQ(blocks[2].size(), 2U);
    EXPECT_EQ(blocks[2].back().size(), 3U);
}

/// What a contest of one case and one round does.
Block only_block(const Contest& contest) {
    return run_in_turns(contest, {true}).front().front();
}

/// Two parties: the first runs one chunk of four, and in each second job none.
class Lopsided : public Runner {
  public:
    Partial run(const Work& job) override { return run_plainly(job); }
    std::vector<std::uint64_t> chunks_by_party() override {
        ++jobs_;
        return jobs_ % 2 == 0 ? std::vector<std::uint64_t>{0, 4} : std::vector<std::uint64_t>{1, 3};
    }

  private:
    int jobs_ = 0;
};

TEST(Turns, AskForTheSharesOfEachJob) {
    Contest contest{.name = "lopsided",
                    .work = work,
                    .jobs = 4,
                    .rounds = 1,
                    .least_share = 0.2,
                    .cases = {{"lopsided", [] { return std::make_unique<Lopsided>(); }}}};
    std::vector<double> shares;
    for (const Job& job : only_block(contest)) {
        shares.push_back(job.share);
    }
    EXPECT_EQ(std::ranges::count(shares, 0), 2);
    EXPECT_EQ(std::ranges::count(shares, 0.25), 2);
    contest.least_share = 0;
    for (const Job& job : only_block(contest)) {
        EXPECT_EQ(job.share, 1) << "nobody is asked";
    }
}

/// A runner whose caller works on that CPU.
class Bound : public Runner {
  public:
    explicit Bound(int cpu) : cpu_(cpu) {}
    Partial run(const Work& job) override {
        EXPECT_EQ(bound_cpus(), std::vector<int>{cpu_});
        return run_plainly(job);
    }
    [[nodiscard]] int caller_cpu() const override { return cpu_; }

  private:
    const int cpu_;
};

TEST(Turns, BindTheCallerWhereItWorksAndFreeItAgain) {
    const std::vector<int> before = bound_cpus();
    const int last = before.back();
    const Contest contest{.name = "bound",
                          .work = work,
                          .jobs = 1,
                          .rounds = 1,
                          .cases = {{"bound", [last] { return std::make_unique<Bound>(last); }}}};
    EXPECT_EQ(only_block(contest).size(), 1U);
    EXPECT_EQ(bound_cpus(), before);
}

/// A runner that loses a chunk.
class Wrong : public Runner {
  public:
    Partial run(const Work& job) override { return {run_plainly(job).sum, job.chunks - 1}; }
};

TEST(TurnsDeathTest, EndTheProgramAtAWrongValue) {
    const Contest contest{.name = "wrong",
                          .work = work,
                          .cases = {{"loser", [] { return std::make_unique<Wrong>(); }}}};
    EXPECT_DEATH(static_cast<void>(run_in_turns(contest, {true})),
                 "wrong/loser: a wrong answer: sum 6 of 3 chunks");
}

}  // namespace
}  // namespace bench
