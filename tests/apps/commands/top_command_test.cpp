// `pinfold top` beside a job, in a pipe and at a terminal.
#include <gtest/gtest.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "on_a_terminal.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

// Some minutes on any machine: each test ends it. Its command line is like no other's.
Words long_job(const std::string& grain) {
    return {"prime-sum", "0", "1e12", "--method", "sieve", "--pin", "none", "--grain", grain};
}

/// What a command of the shell prints.
std::string printed_by(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t got = fread(part.data(), 1, part.size(), pipe.get())) {
        text.append(part.data(), got);
    }
    return text;
}

const std::string top = std::string(PINFOLD_COMMAND) + " top";

/// The pools whose command lines end so.
std::vector<ParsedJson> pools_of(const std::string& command) {
    std::vector<ParsedJson> pools;
    const ParsedJson look = ParsedJson::parse(printed_by(top + " --once --json"));
    for (const ParsedJson& pool : look["pools"].elements()) {
        if (pool["command"].get<std::string>().ends_with(command)) {
            pools.push_back(pool);
        }
    }
    return pools;
}

/// The pool, once it tells of a job with chunks that are done.
ParsedJson busy_pool_of(const std::string& command) {
    for (;;) {
        for (const ParsedJson& pool : pools_of(command)) {
            if (!pool["jobs"].empty() && pool["jobs"][0]["done"] > 0) {
                return pool;
            }
        }
        usleep(50'000);
    }
}

TEST(Top, TellsOfARunningJobAsLongAsItRuns) {
    {
        OnATerminal job(long_job("1000003"), 80);
        SKIP_WITHOUT(job);
        const ParsedJson pool = busy_pool_of("--grain 1000003");
        EXPECT_EQ(pool["jobs"][0]["retries"], 0);
        EXPECT_GT(pool["jobs"][0]["chunks"].get<std::int64_t>(),
                  pool["jobs"][0]["done"].get<std::int64_t>());
        EXPECT_GE(pool["workers"].size(), 1U);
        for (const ParsedJson& worker : pool["workers"].elements()) {
            EXPECT_EQ(kill(static_cast<pid_t>(worker["pid"].get<std::int64_t>()), 0), 0);
        }
        const std::string lines = printed_by(top);
        EXPECT_NE(lines.find("--grain 1000003"), std::string::npos) << lines;
        EXPECT_NE(lines.find(" % of "), std::string::npos) << lines;
        EXPECT_EQ(lines.find('\x1b'), std::string::npos) << "a pipe is no terminal";
        job.type(ctrl_c);
        int status = 0;
        job.finish(status);
        EXPECT_EQ(status, 130);
    }
    EXPECT_TRUE(pools_of("--grain 1000003").empty());
}

TEST(Top, IsDrawnInPlaceAndGivesTheCursorBack) {
    OnATerminal job(long_job("1000033"), 80);
    SKIP_WITHOUT(job);
    static_cast<void>(busy_pool_of("--grain 1000033"));
    OnATerminal command({"top", "--interval", "100ms"}, 100);
    SKIP_WITHOUT(command);
    std::size_t seen = command.wait_for("worker 0").size();
    command.resize(30, 4);
    // Too narrow for the whole line of a job, too low for the workers.
    seen = command.wait_for("\x1b[H", seen).size();
    seen = command.wait_for("\x1b[J", seen).size();
    command.wait_for("\x1b[J", seen);
    command.type(ctrl_c);
    int status = 0;
    const std::string all = command.finish(status);
    EXPECT_EQ(status, 130);
    EXPECT_NE(all.find("\x1b[?25l"), std::string::npos);
    EXPECT_GT(all.rfind("\x1b[?25h"), all.rfind("\x1b[?25l"));
    const std::string last = all.substr(all.rfind("\x1b[H"));
    EXPECT_EQ(last.find("worker 1"), std::string::npos) << last;
}

TEST(Top, PrintsOnceWhereTheTerminalCannotBeDrawnOver) {
    for (const std::string type : {"dumb", ""}) {
        OnATerminal command({"top"}, 80, type);
        SKIP_WITHOUT(command);
        int status = -1;
        const std::string all = command.finish(status);
        EXPECT_EQ(status, 0);
        EXPECT_NE(all.find("of worker processes"), std::string::npos);
        EXPECT_EQ(all.find('\x1b'), std::string::npos);
    }
}

TEST(Top, RefusesAnIntervalThatSaysNothing) {
    for (const std::string interval : {"0ms", "99ms", "x", "-1s"}) {
        const std::string told = printed_by(top + " --interval=" + interval + " 2>&1; echo $?");
        EXPECT_NE(told.find("--interval"), std::string::npos) << told;
        EXPECT_TRUE(told.ends_with("2\n")) << told;
    }
}

}  // namespace
}  // namespace pinfold::apps
