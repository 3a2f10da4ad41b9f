#include "study/analysis.hpp"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "random_study.hpp"

namespace pinfold::apps {
namespace {

/// A study that is made by hand.
struct Made : Study {
    Made() {
        options.narrow_enough = 0.01;
        options.seed = 3;
        environment.usable_cpus = 64;
        environment.usable_cores = 64;
        complete = true;
    }

    /// Adds a configuration with a sample for each of these times of jobs. The command takes half a
    /// second more.
    std::size_t add(Role role, const std::string& series, int workers,
                    const std::vector<double>& seconds, double work = 1) {
        configurations.push_back(
            {.role = role, .series = series, .workers = workers, .work = work});
        for (const double time : seconds) {
            samples.push_back({.configuration = configurations.size() - 1,
                               .repetition = static_cast<int>(samples.size()),
                               .order = samples.size(),
                               .command_seconds = time + 0.5,
                               .pool_seconds = 0.25,
                               .job_seconds = time,
                               .value = "42"});
        }
        return configurations.size() - 1;
    }
};

/// Ten times with this median, of which the second and the ninth are 1 % off.
std::vector<double> about(double median) {
    std::vector<double> times;
    for (const double percent : {0.98, 0.99, 0.995, 0.999, 1.0, 1.0, 1.001, 1.005, 1.01, 1.03}) {
        times.push_back(median * percent);
    }
    return times;
}

std::string findings_of(const Analysis& analysis) {
    std::string all;
    for (const std::string& finding : analysis.findings) {
        all += finding + "\n";
    }
    for (const Series& series : analysis.series) {
        for (const std::string& finding : series.findings) {
            all += series.name + ": " + finding + "\n";
        }
    }
    return all;
}

void expect_finding(const Study& study, const std::string& part) {
    const std::string found = findings_of(analyse(study));
    EXPECT_NE(found.find(part), std::string::npos) << part << "\nis not in\n" << found;
}

void expect_no_finding(const Study& study, const std::string& part) {
    const std::string found = findings_of(analyse(study));
    EXPECT_EQ(found.find(part), std::string::npos) << part << "\nis in\n" << found;
}

const Series& series_of(const Analysis& analysis, const std::string& name) {
    return *std::ranges::find(analysis.series, name, &Series::name);
}

TEST(Analysis, TellsAStudyOfOneAndTwoWorkers) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.add(Role::crew, "processes, cores", 2, about(5));
    study.add(Role::crew, "processes, cores", 1, about(10));
    const Analysis analysis = analyse(study);

    EXPECT_EQ(analysis.measure, "job");
    EXPECT_EQ(analysis.base_name, "serial");
    EXPECT_DOUBLE_EQ(analysis.base->value, 8);
    EXPECT_DOUBLE_EQ(analysis.base->low, 8 * 0.99);
    EXPECT_DOUBLE_EQ(analysis.base->high, 8 * 1.01);
    EXPECT_NEAR(analysis.base->level, 0.979, 0.0005);

    const Estimate& of_base = *series_of(analysis, "serial").points[0].speedup;
    EXPECT_EQ(of_base.value, 1);
    EXPECT_EQ(of_base.low, 1);
    EXPECT_EQ(of_base.high, 1);

    const Series& series = series_of(analysis, "processes, cores");
    ASSERT_EQ(series.points.size(), 2U);
    EXPECT_EQ(series.points[0].configuration, 2U) << "points go by rising workers";
    const Point& two = series.points[1];
    EXPECT_EQ(two.samples, 10);
    EXPECT_DOUBLE_EQ(two.seconds.value, 5);
    EXPECT_DOUBLE_EQ(two.command_seconds.value, 5.5);
    EXPECT_DOUBLE_EQ(two.pool_seconds->value, 0.25);
    EXPECT_DOUBLE_EQ(two.job_seconds->value, 5);
    EXPECT_DOUBLE_EQ(two.speedup->value, 1.6);
    EXPECT_LT(two.speedup->low, 1.6);
    EXPECT_GT(two.speedup->high, 1.6);
    EXPECT_EQ(two.speedup->level, 0.95);
    EXPECT_DOUBLE_EQ(two.efficiency->value, 0.8);
    EXPECT_DOUBLE_EQ(two.efficiency->low, two.speedup->low / 2);
    EXPECT_DOUBLE_EQ(*two.karp_flatt, (1 / 1.6 - 0.5) / 0.5);
    EXPECT_FALSE(series.points[0].karp_flatt) << "one worker has none";
    EXPECT_TRUE(series.fits.empty());
    EXPECT_TRUE(series.curve.empty());
}

TEST(Analysis, TakesTheBestSerialTimeAsBase) {
    Made study;
    study.add(Role::base, "mine_serial", 1, about(9));
    study.add(Role::base, "best_serial", 1, about(7));
    study.add(Role::crew, "serial, none", 1, about(8));
    study.add(Role::crew, "processes, cores", 1, about(6));
    EXPECT_EQ(analyse(study).base_name, "best_serial");
    expect_finding(study, "processes, cores, 1 worker is quicker than the base, best_serial");

    Made other;
    other.add(Role::base, "mine_serial", 1, about(9));
    const auto serial = other.add(Role::crew, "crew 0", 1, about(8));
    other.configurations[serial].environment = {{"PINFOLD_CREW", "serial"}};
    EXPECT_EQ(analyse(other).base_name, "crew 0");
}

TEST(Analysis, NeverTakesAParallelProgramWithOneWorkerAsBase) {
    Made study;
    study.add(Role::crew, "processes, cores", 1, about(6));
    study.add(Role::crew, "processes, cores", 2, about(3));
    const Analysis analysis = analyse(study);
    EXPECT_FALSE(analysis.base);
    EXPECT_FALSE(analysis.series[0].points[1].speedup);
    EXPECT_FALSE(analysis.series[0].points[1].karp_flatt);
    expect_finding(study, "No serial program was measured, so there is no speedup");
}

TEST(Analysis, ComparesCommandsWhereARunDoesNotTellItsJob) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.add(Role::peer, "omp", 2, about(4));
    for (Sample& sample : study.samples) {
        if (sample.configuration == 1) {
            sample.job_seconds.reset();
            sample.pool_seconds.reset();
        }
    }
    const Analysis analysis = analyse(study);
    EXPECT_EQ(analysis.measure, "command");
    const Series& peer = series_of(analysis, "omp");
    EXPECT_EQ(peer.role, Role::peer);
    EXPECT_DOUBLE_EQ(peer.points[0].seconds.value, 4.5);
    EXPECT_FALSE(peer.points[0].job_seconds);
    EXPECT_DOUBLE_EQ(peer.points[0].speedup->value, 8.5 / 4.5);
    expect_finding(study, "Only 10 of 20 runs tell how long their job took");
}

TEST(Analysis, CountsTheWorkOfWeakScaling) {
    Made study;
    study.options.scaling = Scaling::weak;
    study.add(Role::base, "serial", 1, about(8));
    for (const int workers : {1, 2, 4, 8}) {
        // Each worker has its share of the work; time grows by a tenth with each doubling.
        study.add(Role::crew, "threads", workers, about(8 * (1 + 0.1 * std::log2(workers))),
                  workers);
    }
    const Series series = analyse(study).series[1];
    EXPECT_DOUBLE_EQ(series.points[1].speedup->value, 2 / 1.1);
    EXPECT_DOUBLE_EQ(series.points[3].speedup->value, 8 / 1.3);
    EXPECT_DOUBLE_EQ(series.points[3].efficiency->value, 1 / 1.3);
    EXPECT_DOUBLE_EQ(series.points[3].seconds.value, 8 * 1.3);
    EXPECT_FALSE(series.points[3].karp_flatt);
    ASSERT_EQ(series.fits.size(), 1U);
    EXPECT_EQ(series.fits[0].law, "USL");
    EXPECT_NEAR(series.fits[0].speedup(8, 8), 8 / 1.3, 0.2);
}

TEST(Analysis, TellsBusyAndIdleTimeOfTheMedianRun) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.add(Role::crew, "threads", 2, {4.2, 4.0, 4.4, 4.1, 4.3, 9.0, 3.9});
    const auto busy = [&](double time) -> Sample& {
        return *std::ranges::find(study.samples, std::optional(time), &Sample::job_seconds);
    };
    busy(4.2).workers = {{.worker = 0, .busy_seconds = 4.0}, {.worker = 1, .busy_seconds = 3.0}};
    busy(9.0).workers = {{.worker = 0, .busy_seconds = 9.0}, {.worker = 1, .busy_seconds = 9.0}};
    const Point point = analyse(study).series[1].points[0];
    EXPECT_DOUBLE_EQ(*point.busy_seconds, 3.5);
    EXPECT_DOUBLE_EQ(*point.idle_seconds, 4.2 - 3.5);
    EXPECT_DOUBLE_EQ(*point.imbalance, 4 / 3.5 - 1);

    const Point base = analyse(study).series[0].points[0];
    EXPECT_FALSE(base.busy_seconds);
    EXPECT_FALSE(base.idle_seconds);
    EXPECT_FALSE(base.imbalance);
}

TEST(Analysis, SaysWhetherAnIntervalIsNarrowEnough) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    EXPECT_FALSE(analyse(study).series[0].points[0].narrow) << "1 % and a rounding is not within";
    study.options.narrow_enough = 0.0101;
    EXPECT_TRUE(analyse(study).series[0].points[0].narrow);
    expect_no_finding(study, "wider than");
    study.options.narrow_enough = 0.005;
    EXPECT_FALSE(analyse(study).series[0].points[0].narrow);
    expect_finding(study,
                   "serial: With 1 worker: the interval of the median is wider than the 0.5 %");
}

/// Times that the USL says, with the noise of about().
void add_usl(Made& study, const std::string& name, double contention, double crosstalk,
             const std::vector<int>& workers, double one = 10) {
    for (const int n : workers) {
        study.add(Role::crew, name, n,
                  about(one * (1 + contention * (n - 1) + crosstalk * n * (n - 1)) / n));
    }
}

TEST(Analysis, FindsTheLawsThatItWasMadeOf) {
    Made study;
    study.add(Role::base, "serial", 1, about(9));
    add_usl(study, "processes", 0.03, 0.001, {1, 2, 4, 8, 16, 32, 64});
    const Series series = analyse(study).series[1];
    ASSERT_EQ(series.fits.size(), 2U);
    EXPECT_EQ(series.fits[0].law, "Amdahl");
    EXPECT_FALSE(series.fits[0].crosstalk);
    EXPECT_FALSE(series.fits[0].peak_workers);
    const LawFit& usl = series.fits[1];
    EXPECT_EQ(usl.law, "USL");
    EXPECT_NEAR(usl.contention.value, 0.03, 1e-6);
    EXPECT_LT(usl.contention.low, 0.03);
    EXPECT_GT(usl.contention.high, 0.03);
    EXPECT_NEAR(usl.crosstalk->value, 0.001, 1e-7);
    EXPECT_NEAR(*usl.peak_workers, std::sqrt(0.97 / 0.001), 0.01);
    EXPECT_LT(usl.residual, 1e-6);
    // All samples have the same geometric mean, which is about() of 1.
    EXPECT_NEAR(usl.seconds_of_one, 10, 0.02);
    EXPECT_NEAR(usl.speedup(4, 9), 9 / (10 * (1 + 0.03 * 3 + 0.001 * 12) / 4), 0.01);
    EXPECT_LT(series.fits[0].contention.value, 0.1);

    ASSERT_GT(series.curve.size(), 20U);
    EXPECT_EQ(series.curve.front().workers, 1);
    EXPECT_EQ(series.curve.back().workers, 128);
    for (const CurvePoint& point : series.curve) {
        EXPECT_NEAR(point.speedup.value, usl.speedup(point.workers, 9), 1e-9);
        EXPECT_LT(point.speedup.low, point.speedup.value);
        EXPECT_GT(point.speedup.high, point.speedup.value);
    }
    expect_finding(study, "Amdahl does not describe these points");
    expect_no_finding(study, "USL does not describe these points");
}

TEST(Analysis, LeavesPointsBeyondTheMachineOutOfTheFits) {
    Made study;
    study.environment.usable_cpus = 8;
    study.add(Role::base, "serial", 1, about(10));
    add_usl(study, "processes", 0.03, 0, {1, 2, 4, 8});
    study.configurations.back().smt = true;
    const LawFit within = analyse(study).series[1].fits[1];
    study.add(Role::crew, "processes", 16, about(20));
    study.configurations.back().beyond = true;
    study.configurations.back().smt = true;
    const Series series = analyse(study).series[1];
    EXPECT_EQ(series.points.size(), 5U);
    EXPECT_EQ(series.fits[1].contention.value, within.contention.value);
    expect_finding(study, "With 16 workers there are more workers than CPUs for them");
    expect_finding(study, "With 8 workers there are more workers than usable cores");
}

TEST(Analysis, SaysHowManyPointsAFitNeeds) {
    Made study;
    study.add(Role::base, "serial", 1, about(10));
    add_usl(study, "two", 0.03, 0, {1, 2});
    add_usl(study, "three", 0.03, 0, {1, 2, 4});
    const Analysis analysis = analyse(study);
    EXPECT_TRUE(series_of(analysis, "two").fits.empty());
    ASSERT_EQ(series_of(analysis, "three").fits.size(), 1U);
    EXPECT_EQ(series_of(analysis, "three").fits[0].law, "Amdahl");
    EXPECT_FALSE(series_of(analysis, "three").curve.empty());
    expect_finding(study,
                   "two: No scaling law is fitted: Amdahl's needs 3 numbers of workers and the USL "
                   "4, and there are 2 within the machine's CPUs.");
    expect_finding(study, "three: The USL is not fitted: it needs 4 numbers of workers");
    expect_no_finding(study, "serial: No scaling law");
}

TEST(Analysis, SaysWhereACoefficientIsOnItsBound) {
    Made amdahl;
    add_usl(amdahl, "a", 0.05, 0, {1, 2, 4, 8, 16});
    expect_finding(amdahl, "crosstalk");
    Made ideal;
    ideal.add(Role::crew, "a", 1, about(8));
    ideal.add(Role::crew, "a", 2, about(3.9));
    ideal.add(Role::crew, "a", 4, about(1.9));
    ideal.add(Role::crew, "a", 8, about(0.9));
    expect_finding(ideal, "Amdahl: contention is on its bound at 0");
    expect_finding(ideal, "USL: crosstalk is on its bound at 0");
    Made serial;
    for (const int workers : {1, 2, 4, 8}) {
        serial.add(Role::crew, "a", workers, about(8 + 0.1 * workers));
    }
    expect_finding(serial, "Amdahl: contention is on its bound at 1");
}

TEST(Analysis, SaysThatAPeakBeyondTheDataIsAGuess) {
    Made study;
    add_usl(study, "a", 0.03, 0.001, {1, 2, 4, 8, 16});
    expect_finding(study, "USL: the peak at 31.14 workers is beyond the 16 that were measured");
    Made measured;
    add_usl(measured, "a", 0.03, 0.001, {1, 2, 4, 8, 16, 32});
    expect_no_finding(measured, "is beyond the");
}

TEST(Analysis, SaysWhatSpeedupsDoNotTell) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.add(Role::crew, "same", 2, about(7.99));
    study.add(Role::crew, "slower", 2, about(9));
    study.add(Role::crew, "quick", 2, about(3));
    study.add(Role::crew, "usual", 2, about(5));
    expect_finding(study, "same: With 2 workers: the interval of the speedup includes 1");
    expect_finding(study, "slower: With 2 workers it is slower than the base");
    expect_finding(study, "quick: With 2 workers the speedup is more than linear");
    expect_no_finding(study, "usual: With 2 workers it is slower");
    expect_no_finding(study, "usual: With 2 workers the speedup is more than linear");
    expect_no_finding(study, "serial: With 1 worker: the interval of the speedup");
}

TEST(Analysis, SaysWhereSamplesAreFewOrNoisy) {
    Made study;
    study.add(Role::base, "serial", 1, {8, 8.1, 8.2, 7.9, 8});
    study.add(Role::crew, "a", 1, {8, 9, 10, 7, 6, 8, 9, 7, 8, 10});
    study.add(Role::crew, "a", 2, {0.05, 0.05, 0.05, 0.05, 0.05, 0.05});
    for (Sample& sample : study.samples) {
        sample.command_seconds = *sample.job_seconds;
    }
    study.add(Role::crew, "a", 4, {});
    const Analysis analysis = analyse(study);
    EXPECT_EQ(analysis.base->level, 0);
    EXPECT_EQ(analysis.series[1].points[0].speedup->level, 0);
    EXPECT_EQ(analysis.series[1].points[2].samples, 0);
    EXPECT_FALSE(analysis.series[1].points[2].speedup);
    expect_finding(study, "serial: With 1 worker: fewer than 6 samples");
    expect_finding(study,
                   "a: With 1 worker: the middle half of the times spreads over more than 5 %");
    expect_finding(study, "a: With 2 workers: runs take less than 0.1 s");
    expect_finding(study, "a: With 4 workers: no sample.");
}

TEST(Analysis, SaysWhatDisturbedTheRuns) {
    Made study;
    study.environment.usable_cpus = 2;
    study.add(Role::base, "serial", 1, about(8));
    expect_no_finding(study, "quota");
    expect_no_finding(study, "hypervisor");
    study.samples[0].throttled_seconds = 1.5;
    study.samples[1].throttled_seconds = 0.5;
    study.samples[2].throttled_seconds = 0;
    study.samples[3].steal_seconds = 8.6;
    study.samples[4].load = 1.5;
    study.samples[5].deaths = 2;
    study.complete = false;
    expect_finding(study, "A CPU quota of the cgroup held 2 of 10 runs back, for 2 s in all");
    expect_finding(study, "The hypervisor took 5.");
    expect_finding(study, "up to 1.5 at the begin of a run");
    expect_finding(study, "Workers died in 1 of 10 runs");
    expect_finding(study, "The study is not complete");
}

TEST(Analysis, IsTheSameEachTime) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.add(Role::crew, "a", 2, about(5));
    const Point once = analyse(study).series[1].points[0];
    const Point again = analyse(study).series[1].points[0];
    EXPECT_EQ(once.speedup->low, again.speedup->low);
    EXPECT_EQ(once.speedup->high, again.speedup->high);
}

TEST(Analysis, TakesAStudyWithoutAnything) {
    const Analysis analysis = analyse(Study{});
    EXPECT_EQ(analysis.measure, "command");
    EXPECT_FALSE(analysis.base);
    EXPECT_TRUE(analysis.series.empty());
    EXPECT_FALSE(analysis.findings.empty());
}

TEST(Analysis, PassesOverTimesThatAreNone) {
    Made study;
    study.add(Role::base, "serial", 1, about(8));
    study.samples[0].job_seconds = 0;
    EXPECT_EQ(analyse(study).measure, "command");
    study.samples[1].command_seconds = 0;
    study.samples[2].configuration = 9;
    EXPECT_EQ(analyse(study).series[0].points[0].samples, 8);
}

// Whatever a file may say: each configuration has its point, and what is told is a number.
RC_GTEST_PROP(Analysis, TakesAnyStudy, ()) {
    const Study study = RandomStudy::make();
    const Analysis analysis = analyse(study);
    std::size_t points = 0;
    for (const Series& series : analysis.series) {
        points += series.points.size();
        for (const Point& point : series.points) {
            RC_ASSERT(std::isfinite(point.seconds.value));
            RC_ASSERT(point.seconds.low <= point.seconds.value);
            RC_ASSERT(point.seconds.value <= point.seconds.high);
        }
    }
    RC_ASSERT(points == study.configurations.size());
}

}  // namespace
}  // namespace pinfold::apps
