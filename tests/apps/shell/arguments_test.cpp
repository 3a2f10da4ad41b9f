#include "shell/arguments.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "shell/stop_signals.hpp"

namespace pinfold::apps {
namespace {

using Words = std::vector<std::string>;

/// A command with an argument of each kind.
struct Typed {
    std::string n;
    std::vector<std::string> rest;
    std::string mod = "none";
    std::vector<std::string> peers;
    bool json = false;
    std::optional<bool> progress;

    Program program() {
        return {"program",
                "0",
                "",
                "",
                {{"job",
                  "",
                  {{.name = "N", .place = &n, .description = ""},
                   {.name = "REST", .place = &rest, .description = ""},
                   {.name = "--mod", .place = &mod, .description = ""},
                   {.name = "--peer", .place = &peers, .description = ""},
                   {.name = "--json", .place = &json, .description = ""},
                   {.name = "--progress", .place = &progress, .description = ""}},
                  "",
                  [] {}}}};
    }
};

Typed typed(Words words) {
    Typed typed;
    words.insert(words.begin(), "job");
    const Program program = typed.program();
    EXPECT_NE(parse_arguments(program, words).command, nullptr);
    return typed;
}

std::string refusal(const Program& program, const Words& words) {
    try {
        static_cast<void>(parse_arguments(program, words));
        return "accepted";
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

TEST(Arguments, TakeAllValuesOfAnOptionWhosePlaceIsAVectorOneAtATime) {
    const Typed with_peers = typed({"--peer", "a b", "5", "--peer", "c", "rest"});
    EXPECT_EQ(with_peers.peers, (Words{"a b", "c"}));
    EXPECT_EQ(with_peers.n, "5");
    EXPECT_EQ(with_peers.rest, Words{"rest"});
}

TEST(Arguments, TakeEveryWordBehindTwoDashesForAnOperand) {
    const Typed words = typed({"--mod", "3", "--", "job", "--mod", "5", "--json", "-x"});
    EXPECT_EQ(words.mod, "3");
    EXPECT_EQ(words.n, "job");
    EXPECT_EQ(words.rest, (Words{"--mod", "5", "--json", "-x"}));
}

TEST(Arguments, AreRefusedWithTheHelpThatListsThem) {
    Typed place;
    const Program program = place.program();
    EXPECT_TRUE(refusal(program, {"job", "--bad"}).ends_with("(see program job --help)"));
    EXPECT_TRUE(refusal(program, {"no-job"}).ends_with("(see program --help)"));
}

TEST(Arguments, NameAMisspeltOptionRatherThanTheMissingOne) {
    std::string out;
    const Program program{"program",
                          "0",
                          "",
                          "",
                          {{"job",
                            "",
                            {{.name = "--out", .place = &out, .description = "", .required = true}},
                            "",
                            [] {}}}};
    EXPECT_EQ(refusal(program, {"job", "--outt", "x"}),
              "The following argument was not expected: --outt (see program job --help)");
    EXPECT_EQ(refusal(program, {"job"}), "--out is required (see program job --help)");
}

TEST(Arguments, LeaveWhatIsNotTypedAsItWas) {
    const Typed nothing = typed({});
    EXPECT_EQ(nothing.n, "");
    EXPECT_EQ(nothing.mod, "none");
    EXPECT_FALSE(nothing.json);
    EXPECT_EQ(nothing.progress, std::nullopt);
}

TEST(Arguments, HaveAFlagOfThreeStates) {
    EXPECT_EQ(typed({"--progress"}).progress, true);
    EXPECT_EQ(typed({"--no-progress"}).progress, false);
    EXPECT_EQ(typed({"--progress=false"}).progress, false);
    EXPECT_EQ(typed({"--progress", "--no-progress"}).progress, false);
    EXPECT_EQ(typed({"--no-progress", "--progress"}).progress, true);
}

TEST(Arguments, TakeTheLastOfTwoValues) {
    EXPECT_EQ(typed({"--mod", "3", "--mod", "7"}).mod, "7");
    EXPECT_EQ(typed({"--mod=7", "1", "--mod=3", "--json", "--mod", "5"}).mod, "5");
    EXPECT_TRUE(typed({"--json", "--json"}).json);
    EXPECT_EQ(typed({"1", "2", "3"}).rest, (Words{"2", "3"}));
}

TEST(Arguments, AreRefusedWhenTheyAreEmpty) {
    Typed typed;
    const Program program = typed.program();
    const auto empty = [](const std::string& name) {
        return name + " '' is empty: give it a value, or leave it out";
    };
    EXPECT_EQ(refusal(program, {"job", "--mod", ""}), empty("--mod"));
    EXPECT_EQ(refusal(program, {"job", "--mod="}), empty("--mod"));
    EXPECT_EQ(refusal(program, {"job", "--mod=", "7"}), empty("--mod"));
    EXPECT_EQ(refusal(program, {"job", "--mod", "", "--mod", "7"}), empty("--mod"));
    EXPECT_EQ(refusal(program, {"job", "--json="}), empty("--json"));
    EXPECT_EQ(refusal(program, {"job", "--no-progress="}), empty("--no-progress"));
    EXPECT_EQ(refusal(program, {"job", ""}), empty("N"));
    EXPECT_EQ(refusal(program, {"job", "--", ""}), empty("N"));
    EXPECT_EQ(refusal(program, {"job", "1", "2", ""}), empty("REST"));
}

TEST(Arguments, MayLookLikeEmptyOnes) {
    EXPECT_EQ(typed({"--mod", "--json="}).mod, "--json=");
    EXPECT_EQ(typed({"--", "--json="}).n, "--json=");
    EXPECT_EQ(typed({"--mod=a="}).mod, "a=");
    EXPECT_EQ(typed({"a="}).n, "a=");
}

/// Every option and operand that the program has, so that a new one is tested too.
TEST(Arguments, OfEveryCommandAreRefusedWhenTheyAreEmpty) {
    const StopSignals signals;
    const Program program = pinfold_program(signals);
    ASSERT_GE(program.commands.size(), 9U);
    for (const Subcommand& command : program.commands) {
        Words operands{command.name};
        for (const Argument& argument : command.arguments) {
            SCOPED_TRACE(command.name + " " + argument.name);
            std::vector<Words> tries;
            if (!argument.name.starts_with('-')) {
                operands.emplace_back();
                tries = {operands};
                operands.back() = "5";
            } else {
                tries = {{command.name, argument.name + "="},
                         {command.name, argument.name + "=", "5"},
                         {command.name, "5", "7", argument.name + "="}};
                if (!std::holds_alternative<bool*>(argument.place) &&
                    !std::holds_alternative<std::optional<bool>*>(argument.place)) {
                    tries.push_back({command.name, argument.name, ""});
                    tries.push_back({command.name, "5", argument.name, ""});
                }
            }
            for (const Words& words : tries) {
                EXPECT_TRUE(refusal(program, words).starts_with(argument.name + " '' is empty"))
                    << refusal(program, words);
            }
        }
    }
}

}  // namespace
}  // namespace pinfold::apps
