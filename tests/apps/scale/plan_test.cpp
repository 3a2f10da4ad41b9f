#include "scale/plan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "scale/study_request.hpp"

namespace pinfold::apps {
namespace {

using Words = std::vector<std::string>;

const OwnCommand prime_sum{"prime-sum", {"--method", "--grain", "--crew"}};

StudyOptions options_of(StudyWords words) {
    return study_options(words, 2);
}

StudyOptions own_options() {
    StudyWords words;
    words.command = {"prime-sum", "0", "1e10"};
    words.workers = "1,2,4";
    words.crews = "serial,threads,processes";
    words.pins = "cores,none";
    return options_of(words);
}

Words names_of(const std::vector<Configuration>& all) {
    Words names;
    for (const Configuration& configuration : all) {
        names.push_back(configuration.name());
    }
    return names;
}

template <typename Call>
std::string refusal(Call call) {
    try {
        call();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

TEST(Plan, HasTheSerialBaseOnceAndEachCrewWithEachPin) {
    const auto all = configurations_of(own_options(), {2, 2, prime_sum, {}});
    EXPECT_EQ(names_of(all),
              (Words{"serial, 1 worker", "threads, cores, 1 worker", "threads, cores, 2 workers",
                     "threads, cores, 4 workers", "threads, none, 1 worker",
                     "threads, none, 2 workers", "threads, none, 4 workers",
                     "processes, cores, 1 worker", "processes, cores, 2 workers",
                     "processes, cores, 4 workers", "processes, none, 1 worker",
                     "processes, none, 2 workers", "processes, none, 4 workers"}));
    EXPECT_EQ(all[0].role, Role::base);
}

TEST(Plan, GivesEachRunOfOurOwnTheSameMethodAndGrain) {
    const auto all = configurations_of(own_options(),
                                       {2, 2, prime_sum, {"--method", "sieve", "--grain", "1000"}});
    EXPECT_EQ(all[0].command, (Words{"pinfold", "prime-sum", "0", "1e10", "--method", "sieve",
                                     "--grain", "1000", "--crew", "serial", "--workers", "1",
                                     "--pin", "cores", "--json", "--no-progress"}));
    EXPECT_EQ(all.back().command, (Words{"pinfold", "prime-sum", "0", "1e10", "--method", "sieve",
                                         "--grain", "1000", "--crew", "processes", "--workers", "4",
                                         "--pin", "none", "--json", "--no-progress"}));
    EXPECT_TRUE(all.back().environment.empty());
}

TEST(Plan, MarksWorkersBeyondTheMachine) {
    const auto all = configurations_of(own_options(), {3, 1, prime_sum, {}});
    EXPECT_FALSE(all[1].smt);
    EXPECT_TRUE(all[2].smt);
    EXPECT_FALSE(all[2].beyond);
    EXPECT_TRUE(all[3].beyond);
}

TEST(Plan, MarksWorkersBeyondTheCpusThatTheyArePinnedTo) {
    StudyOptions options = own_options();
    options.pins = {"0,2"};
    const auto all = configurations_of(options, {8, 8, prime_sum, {}});
    ASSERT_EQ(all[2].workers, 2);
    EXPECT_FALSE(all[2].beyond);
    ASSERT_EQ(all[3].workers, 4);
    EXPECT_TRUE(all[3].beyond);
}

TEST(Plan, TellsAnyProgramItsWorkersByTheEnvironment) {
    StudyWords words;
    words.command = {"./mine", "7"};
    words.workers = "2";
    const auto all = configurations_of(options_of(words), {2, 2, {}, {}});
    ASSERT_EQ(all.size(), 2U);
    const std::vector<std::pair<std::string, std::string>> serial{
        {"PINFOLD_CREW", "serial"}, {"PINFOLD_WORKERS", "1"}, {"PINFOLD_PIN", "cores"}};
    EXPECT_EQ(all[0].environment, serial);
    EXPECT_EQ(all[1].command, (Words{"./mine", "7"}));
    EXPECT_EQ(all[1].environment[1].second, "2");
}

TEST(Plan, HasNoSerialBaseForAProgramThatMayKnowNoCrews) {
    StudyWords words;
    words.command = {"./mine", "--threads={workers}"};
    words.workers = "1,2";
    words.base = "./best {n}";
    words.n = "1e3";
    const auto all = configurations_of(options_of(words), {2, 2, {}, {}});
    EXPECT_EQ(names_of(all), (Words{"./best {n}, 1 worker", "./mine --threads={workers}, 1 worker",
                                    "./mine --threads={workers}, 2 workers"}));
    EXPECT_EQ(all[0].command, (Words{"/bin/sh", "-c", "./best 1000"}));
    EXPECT_EQ(all[2].command, (Words{"./mine", "--threads=2"}));
}

TEST(Plan, GrowsTheWorkWithTheWorkersForTheBaseAndThePeersToo) {
    StudyWords words;
    words.command = {"prime-sum", "0", "{n}"};
    words.workers = "1,4";
    words.weak = "n=1e8*{workers}";
    words.peers = {"OMP_NUM_THREADS={workers} ./omp {n}"};
    const auto all = configurations_of(options_of(words), {4, 4, prime_sum, {}});
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].n, "100000000");
    EXPECT_EQ(all[0].work, 1);
    EXPECT_EQ(all[2].command[3], "400000000");
    EXPECT_EQ(all[2].work, 4);
    EXPECT_EQ(all[4].command[2], "OMP_NUM_THREADS=4 ./omp 400000000");
    EXPECT_EQ(all[4].role, Role::peer);
}

TEST(Plan, RefusesWhatContradictsItself) {
    const auto refused = [](StudyWords words) {
        return refusal([&] {
            static_cast<void>(configurations_of(options_of(words), {2, 2, prime_sum, {}}));
        });
    };
    StudyWords words;
    words.command = {"prime-sum", "0", "1e8"};
    words.weak = "n=1e8*{workers}";
    EXPECT_EQ(refused(words),
              "'prime-sum 0 1e8' has no {n}: with --weak its work would not grow "
              "with the workers");
    words.weak.clear();
    words.peers = {"./omp {n}"};
    EXPECT_EQ(refused(words),
              "'./omp {n}' has {n}, which nothing tells: give --n N, or --weak 'n=...'");
    words.peers = {"./omp {worker}"};
    EXPECT_EQ(refused(words),
              "'./omp {worker}' has {worker}, which stands for nothing: {workers} and {n} are "
              "replaced");
    words.peers = {"./a", "./a"};
    EXPECT_EQ(refused(words), "the study has './a, 1 worker' twice");
    words.peers.clear();
    words.crews = "serial";
    EXPECT_NE(refused(words).find("nothing to scale"), std::string::npos);
}

RC_GTEST_PROP(Turns, HaveEachConfigurationOnceInEachRoundAndFollowFromTheSeed,
              (std::uint64_t seed)) {
    const auto configurations = *rc::gen::inRange<std::size_t>(1, 12);
    const auto repetitions = *rc::gen::inRange(1, 12);
    const auto turns = turns_of(configurations, repetitions, seed);
    RC_ASSERT(turns == turns_of(configurations, repetitions, seed));
    RC_ASSERT(turns.size() == configurations * static_cast<std::size_t>(repetitions));
    for (std::size_t begin = 0; begin < turns.size(); begin += configurations) {
        std::set<std::size_t> seen;
        for (std::size_t i = begin; i < begin + configurations; ++i) {
            RC_ASSERT(turns[i].repetition == static_cast<int>(begin / configurations));
            seen.insert(turns[i].configuration);
        }
        RC_ASSERT(seen.size() == configurations);
    }
}

TEST(Turns, AreTheSameOnEveryMachine) {
    const std::vector<Turn> known = turns_of(4, 2, 42);
    std::vector<std::size_t> order;
    for (const Turn& turn : known) {
        order.push_back(turn.configuration);
    }
    EXPECT_EQ(order, (std::vector<std::size_t>{1, 0, 3, 2, 0, 1, 2, 3}));
}

TEST(WarmUps, AreTheMostWorkersOfEachSeriesAndNotOurSerialBase) {
    const PlanContext ours{2, 2, prime_sum, {}};
    EXPECT_EQ(warm_ups_of(configurations_of(own_options(), ours)),
              (std::vector<std::size_t>{3, 6, 9, 12}));
}

TEST(OwnCommands, AreRefusedWithWhatTheStudyGivesThem) {
    const std::vector<OwnCommand> commands{prime_sum, {"topo", {"--workers"}}};
    EXPECT_FALSE(find_own({"./prime-sum", "0"}, commands));
    EXPECT_TRUE(find_own({"prime-sum", "0", "10", "--json"}, commands));
    EXPECT_EQ(refusal([&] { static_cast<void>(find_own({"topo"}, commands)); }),
              "'topo' runs no job that workers share: there is nothing to scale");
    EXPECT_EQ(refusal([&] {
                  static_cast<void>(find_own({"prime-sum", "0", "9", "--workers=3"}, commands));
              }),
              "'--workers' of the command: the study gives it; its own option is --workers, before "
              "the command");
}

TEST(OptionsOfACommand, CountAsTheLastOne) {
    EXPECT_EQ(value_of_option({"a", "--method", "sieve", "--method=trial"}, "--method"), "trial");
    EXPECT_EQ(value_of_option({"a", "--methods", "sieve"}, "--method"), std::nullopt);
}

TEST(StudyRequest, TakesPowersOfTwoAndAllCpusForAuto) {
    EXPECT_EQ(workers_up_to(1), std::vector<int>{1});
    EXPECT_EQ(workers_up_to(8), (std::vector<int>{1, 2, 4, 8}));
    EXPECT_EQ(workers_up_to(12), (std::vector<int>{1, 2, 4, 8, 12}));
}

TEST(StudyRequest, RefusesWhatIsOutOfBoundsAndNamesIt) {
    const auto refused = [](void (*change)(StudyWords&)) {
        StudyWords words;
        words.command = {"prime-sum"};
        change(words);
        return refusal([&] { static_cast<void>(options_of(words)); });
    };
    EXPECT_EQ(refused([](StudyWords& words) { words.workers = "1,1025"; }),
              "--workers '1025' is above the limit of 1024");
    EXPECT_EQ(refused([](StudyWords& words) { words.workers = "2,1,2"; }),
              "--workers '2,1,2' has '2' twice");
    EXPECT_EQ(refused([](StudyWords& words) { words.workers = "1,"; }),
              "--workers '1,' has an empty part");
    EXPECT_EQ(refused([](StudyWords& words) { words.repeat = "0"; }),
              "--repeat '0' is below the limit of 1");
    EXPECT_EQ(refused([](StudyWords& words) { words.narrow = "1"; }),
              "--narrow '1' is not a share of 0% to 100%, such as 0.5%");
    EXPECT_NE(refused([](StudyWords& words) { words.crews = "fast"; }).find("fast"),
              std::string::npos);
    EXPECT_NE(refused([](StudyWords& words) { words.pins = "cores,tight"; }).find("tight"),
              std::string::npos);
    EXPECT_NE(refused([](StudyWords& words) { words.command.clear(); }).find("needed behind --"),
              std::string::npos);
}

TEST(StudyRequest, TakesListsOfCpusAsPins) {
    StudyWords words;
    words.command = {"prime-sum"};
    words.pins = "0,1;1,0";
    EXPECT_EQ(options_of(words).pins, (Words{"0,1", "1,0"}));
    words.pins = "cores@numa:0,none";
    EXPECT_EQ(options_of(words).pins, (Words{"cores@numa:0", "none"}));
}

}  // namespace
}  // namespace pinfold::apps
