// From a study to a script, from what gnuplot and lstopo drew to what stands in the page.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <tuple>

#include "report/drawing/child_process.hpp"
#include "report/drawing/machine_drawing.hpp"
#include "report/drawing/svg.hpp"
#include "report/figures/run_figures.hpp"
#include "report/figures/ticks.hpp"
#include "report/figures/time_figure.hpp"
#include "synthetic.hpp"

namespace pinfold::apps::report {
namespace {

using std::chrono::milliseconds;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string names(const std::vector<Tick>& ticks) {
    std::string text;
    for (const Tick& tick : ticks) {
        text += (text.empty() ? "" : " ") + tick.text;
    }
    return text;
}

TEST(Ticks, AreTheMeasuredWorkersWhereTheyFit) {
    EXPECT_EQ(names(worker_ticks({1, 2, 3, 6}, {.8, 7}, 600)), "1 2 3 6");
    EXPECT_EQ(names(worker_ticks({1, 2, 3, 4, 5, 6, 7, 8}, {.8, 9}, 300)), "1 2 4 8");
    EXPECT_EQ(names(worker_ticks({1, 1024}, {.8, 1100}, 300)), "1 1024");
    EXPECT_EQ(names(worker_ticks({1}, {.7, 1.4}, 300)), "1");
}

TEST(Ticks, AreRoundNumbers) {
    EXPECT_EQ(names(factor_ticks({.8, 70}, 9)), "1 2 4 8 16 32 64");
    EXPECT_EQ(names(factor_ticks({.8, 1100}, 7)), "1 4 16 64 256 1024");
    EXPECT_EQ(names(factor_ticks({.8, 2.2}, 7)), "0.8 1 1.2 1.4 1.6 1.8 2 2.2");
    EXPECT_EQ(names(time_ticks({.02, 15}, 9)), "20 ms 50 ms 100 ms 200 ms 500 ms 1 s 2 s 5 s 10 s");
    EXPECT_EQ(names(time_ticks({1e-7, 20}, 6)), "1 µs 100 µs 10 ms 1 s");
    EXPECT_EQ(names(time_ticks({9.8, 10.3}, 6)), "9.8 s 9.9 s 10 s 10.1 s 10.2 s 10.3 s");
    EXPECT_EQ(names(linear_ticks({0, 1.05}, 6)), "0 0.2 0.4 0.6 0.8 1");
    EXPECT_EQ(names(count_ticks({.7, 2e6}, 4)), "1 100 10,000 1,000,000");
}

TEST(Scripts, HoldNumbersAndNoTextOfTheStudy) {
    for (const char* const kind : {"small", "many_series", "weak", "hostile", "one_point"}) {
        const Synthetic synthetic = kind_named(kind);
        const Study& study = synthetic.study;
        for (const SeriesGroup& group : series_groups(synthetic.analysis)) {
            for (const Width width : {Width::wide, Width::narrow}) {
                const std::string scripts = speedup_script(study, group, width) +
                                            efficiency_script(study, group, width) +
                                            time_script(study, synthetic.analysis, group, width);
                EXPECT_FALSE(has(scripts, "script>") || has(scripts, "cores\"") ||
                             has(scripts, "nan") || has(scripts, "inf"))
                    << kind;
            }
        }
    }
}

TEST(Scripts, DrawPointsThatAreNotJoinedAndOpenOnesWhereCoresAreShared) {
    const Synthetic small = synthetic_study({.series = {"processes, cores"}});
    const SeriesGroup group = series_groups(small.analysis).front();
    const std::string script = speedup_script(small.study, group, Width::wide);
    EXPECT_TRUE(has(script, "with points pt 7 ")) << script;
    EXPECT_TRUE(has(script, "$open0 using 1:2 with points pt 6 ")) << script;
    EXPECT_TRUE(has(script, "set label \"SMT\"")) << script;
    EXPECT_FALSE(has(script, "linespoints"));
    EXPECT_TRUE(has(script, "$bound0 using 1:2 with lines")) << script;
    const Synthetic few = synthetic_study({.workers = {1, 2}, .samples = 5});
    EXPECT_FALSE(
        has(speedup_script(few.study, series_groups(few.analysis).front(), Width::wide), "bars"))
        << "five samples have no interval";
}

TEST(Scripts, GiveEverySeriesOfAFigureItsMarker) {
    std::set<int> markers;
    for (std::size_t series = 0; series < series_paints; ++series) {
        markers.insert(marker_of(series, false));
        markers.insert(marker_of(series, true));
    }
    EXPECT_EQ(markers.size(), 12U);
    const Synthetic many = kind_named("many_series");
    const auto groups = series_groups(many.analysis);
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].size(), static_cast<std::size_t>(series_paints));
    EXPECT_EQ(groups[1].size(), 3U);
}

TEST(Scripts, BoundTheSpeedupByTheBandwidthOfTheSamePins) {
    Environment environment;
    environment.bandwidths = {
        {4, "cores", 30e9}, {2, "cores", 20e9}, {8, "none", 1e9}, {1, "compact", 0}};
    const auto bounds = memory_bounds(environment);
    ASSERT_EQ(bounds.size(), 1U) << "one number of workers makes no bound";
    EXPECT_EQ(bounds[0].pin, "cores");
    EXPECT_EQ(bounds[0].factors, (std::vector<std::pair<double, double>>{{2, 2}, {4, 3}}));
}

TEST(Scripts, JoinNeighbouringBinsOfOneLevel) {
    EXPECT_EQ(busy_level(0), -1);
    EXPECT_EQ(busy_level(.1), 0);
    EXPECT_EQ(busy_level(.5), 2);
    EXPECT_EQ(busy_level(1), busy_paints - 1);
    const BusyGrid grid{{{0, 0}}, 4, 8, {1, .9, 0, .3}};
    const std::string script = timeline_script(grid, Width::wide);
    EXPECT_TRUE(has(script, "$busy4 << EOD\n0 0 4\nEOD")) << script;
    EXPECT_TRUE(has(script, "$busy1 << EOD\n6 0 2\nEOD")) << script;
}

TEST(Drawing, KeepsOnlyWhatTheStyleSheetDoesNotSay) {
    const Drawing drawing = drawing_of_gnuplot(
        "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 720 430\"><title>x</title><defs><path "
        "d='M1,1 L2,2'/></defs><!-- a > b --><g fill=\"none\" stroke-width=\"2.00\">"
        "<path stroke='rgb(  1,   1,  10)' stroke-dasharray='2.5,4.0' d='M1.26,2.00 L3.00,2.04 '/>"
        "</g><g stroke-width=\"1.00\"></g><g transform=\"translate(37.75,226.62)\" "
        "text-anchor=\"end\" fill=\"rgb(1,1,1)\" font-size=\"12\"><text> 1 &lt; 2</text></g>"
        "<use xlink:href='#gpPt6' transform='translate(5.00,6.00) scale(3.60)' "
        "color='rgb(  1,   1,  11)'/><polygon fill = 'rgb(1,1,3)' fill-opacity = '0.15' points = "
        "'1,2 3.04,4'/></svg>");
    EXPECT_EQ(drawing.width, 720);
    EXPECT_EQ(drawing.height, 430);
    EXPECT_EQ(drawing.content,
              "<path class=\"s10\" stroke-width=\"2\" stroke-dasharray=\"2.5,4\" d=\"M1.3,2H3\"/>"
              "<text text-anchor=\"end\" x=\"37.8\" y=\"226.6\">1 &lt; 2</text>"
              "<use href=\"#m6\" class=\"k11\" transform=\"translate(5,6)scale(3.6)\"/>"
              "<polygon class=\"f3\" fill-opacity=\"0.15\" points=\"1 2 3 4\"/>");
}

TEST(Drawing, LeavesOutMovesFromWhichNoLineGoes) {
    EXPECT_EQ(short_path("M1,1 M2,2 L3,3 L3,9 M4,4"), "M2,2L3,3V9");
    EXPECT_EQ(short_path("M1,1"), "");
    EXPECT_EQ(short_path(""), "");
}

TEST(Drawing, RefusesWhatIsNone) {
    for (const char* const text :
         {"", "no tag", "<svg viewBox='0 0 1 1'>", "<svg", "<svg></svg>",
          "<svg viewBox='0 0 1 1'><g", "<svg viewBox='0 0 9 9'><path d='M1 L2'/></svg>",
          "<svg viewBox='0 0 9 9'><path d='M1,1e999 L2,2'/></svg>"}) {
        EXPECT_THROW(std::ignore = drawing_of_gnuplot(text), std::invalid_argument) << text;
    }
    EXPECT_THROW(std::ignore = drawing_of_lstopo("<svg width='3px' height='3px'></svg>"),
                 std::invalid_argument);
}

TEST(Drawing, LetsNoElementThroughThatItDoesNotKnow) {
    const std::string content =
        drawing_of_gnuplot(
            "<svg viewBox='0 0 9 9' onload='x()'><script>alert(1)</script><image "
            "href='http://a/b'/><path onclick='x()' d='M1,1 L2,1'/></svg>")
            .content;
    EXPECT_EQ(content, "<path class=\"s1\" d=\"M1,1H2\"/>");
}

TEST(Machine, HasAPlaceForEachWorker) {
    const std::string xml =
        "<object type=\"Core\"><object type=\"PU\" os_index=\"0\" gp_index=\"4\"/>"
        "<object type=\"PU\" gp_index=\"9\" os_index=\"12\"/></object>";
    EXPECT_EQ(with_workers(xml, {{12, {3}}}),
              "<object type=\"Core\"><object type=\"PU\" os_index=\"0\" gp_index=\"4\"/>"
              "<object type=\"PU\" gp_index=\"9\" os_index=\"12\"><object type=\"Misc\" "
              "name=\"worker 3\"/></object></object>");
    EXPECT_EQ(with_workers(xml, {}), xml);
    EXPECT_EQ(with_workers("<object type=\"PU\"", {{0, {1}}}), "<object type=\"PU\"");
    EXPECT_EQ(name_of_workers({3}), "worker 3");
    EXPECT_EQ(name_of_workers({3, 19}), "workers 3, 19");
    EXPECT_EQ(name_of_workers({3, 19, 35}), "worker 3 and 2 more");
}

TEST(Machine, IsColouredByThePage) {
    const Drawing drawing = drawing_of_lstopo(
        "<svg width='287px' height='333px'><rect id='PU_0_rect' class='PU' x='1' y='2' width='3' "
        "height='4' fill='rgb(255,255,255)'/><text id='t' class='PU' x='5' y='6' "
        "font-size='10px'>PU P#0</text><rect class='Odd' x='1'/></svg>");
    EXPECT_EQ(drawing.width, 287);
    EXPECT_EQ(drawing.content,
              "<rect class=\"hPU\" x=\"1\" y=\"2\" width=\"3\" height=\"4\"/><text x=\"5\" "
              "y=\"6\">PU P#0</text><rect class=\"hGroup\" x=\"1\" y=\"0\" width=\"0\" "
              "height=\"0\"/>");
}

TEST(ChildProcess, HandsOverItsInputAndTakesTheOutput) {
    const std::string text(300'000, 'x');
    EXPECT_EQ(run_child({"cat"}, text, milliseconds(60'000)).output, text);
    EXPECT_TRUE(run_child({"true"}, text, milliseconds(60'000)).is_good())
        << "one that reads nothing";
}

TEST(ChildProcess, SaysWhatWentWrong) {
    EXPECT_EQ(run_child({"no-such-program"}, "", milliseconds(1000)).problem,
              "no-such-program was not found");
    EXPECT_EQ(
        run_child({"sh", "-c", "echo first >&2; echo last >&2; exit 3"}, "", milliseconds(60'000))
            .problem,
        "sh failed with exit status 3: last");
    EXPECT_EQ(run_child({"sh", "-c", "kill -9 $$"}, "", milliseconds(60'000)).problem,
              "sh was ended by signal 9");
}

TEST(ChildProcess, IsKilledWithWhatItStartedWhenItHangs) {
    const ChildOutcome outcome =
        run_child({"sh", "-c", "sleep 1000 & sleep 1000"}, "", milliseconds(50));
    EXPECT_TRUE(has(outcome.problem, "did not end within 0.05 s")) << outcome.problem;
    EXPECT_FALSE(outcome.try_again);
}

}  // namespace
}  // namespace pinfold::apps::report
