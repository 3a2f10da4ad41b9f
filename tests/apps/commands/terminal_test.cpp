// The command as somebody at a terminal sees it: what depends on the terminal, on its width and its
// kind, and on what is typed there.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "on_a_terminal.hpp"

namespace pinfold::apps {
namespace {

// Some minutes on any machine: each test ends it.
const Words long_job{"prime-sum", "0", "1e12", "--method", "sieve", "--pin", "none"};

const std::string erase_rest = "\x1b[K";  // the end of each line that is written over

/// The longest line on the screen.
std::size_t longest_line(std::string text) {
    for (std::size_t at = 0; (at = text.find(erase_rest)) != std::string::npos;) {
        text.replace(at, erase_rest.size(), "\n");
    }
    std::size_t longest = 0;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
        longest = std::max(longest, end - begin);
        begin = end + 1;
    }
    return longest;
}

/// Whether a sequence that sets colours or other looks of letters is in it.
bool has_looks(const std::string& text) {
    for (std::size_t at = text.find("\x1b["); at != std::string::npos;
         at = text.find("\x1b[", at + 1)) {
        const std::size_t end = text.find_first_not_of("0123456789;:", at + 2);
        if (end != std::string::npos && text[end] == 'm') {
            return true;
        }
    }
    return false;
}

TEST(Terminal, ShowsProgressByDefault) {
    OnATerminal command(long_job, 100);
    SKIP_WITHOUT(command);
    EXPECT_NE(command.wait_for("%").find("\r["), std::string::npos);
    command.type(ctrl_c);
    int status = -1;
    const std::string text = command.finish(status);
    EXPECT_EQ(status, 130);
    EXPECT_NE(text.find("pinfold: stopped by a signal"), std::string::npos) << text;
}

TEST(Terminal, ShowsNoProgressToWhoDeclines) {
    OnATerminal command({"prime-sum", "0", "1e7", "--method", "trial", "--no-progress"}, 100);
    SKIP_WITHOUT(command);
    int status = -1;
    EXPECT_EQ(command.finish(status), "3203324994356\r\n");
    EXPECT_EQ(status, 0);
}

TEST(Terminal, HoldsALineOfAnyWidth) {
    for (const unsigned columns : {1U, 5U, 8U, 20U, 40U, 69U, 70U, 80U, 300U}) {
        SCOPED_TRACE(columns);
        OnATerminal command(long_job, columns);
        SKIP_WITHOUT(command);
        const std::string text = command.wait_for(erase_rest);
        EXPECT_TRUE(text.starts_with('\r')) << text;
        EXPECT_LT(longest_line(text), columns) << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
}

TEST(Terminal, IsLeftWithTheResultAlone) {
    OnATerminal command({"prime-sum", "0", "1e7", "--method", "trial"}, 60);
    SKIP_WITHOUT(command);
    int status = -1;
    const std::string text = command.finish(status);
    EXPECT_EQ(status, 0);
    const std::string result = "3203324994356\r\n";
    ASSERT_TRUE(text.ends_with(result)) << text;
    const std::string bar = text.substr(0, text.size() - result.size());
    EXPECT_TRUE(bar.empty() || bar.ends_with("\r" + erase_rest)) << bar;
}

TEST(Terminal, ThatTellsNoWidthCountsAsUsual) {
    OnATerminal command(long_job, 0);
    SKIP_WITHOUT(command);
    const std::string text = command.wait_for(" left" + erase_rest);
    EXPECT_GT(longest_line(text), 50U) << text;
    EXPECT_LT(longest_line(text), 80U) << text;
}

TEST(Terminal, MayChangeItsWidthInTheMiddle) {
    OnATerminal command(long_job, 100);
    SKIP_WITHOUT(command);
    command.wait_for(" left" + erase_rest);
    for (const unsigned columns : {30U, 12U, 200U}) {
        SCOPED_TRACE(columns);
        command.resize(columns);
        // What was written before is still on its way: look at the third line.
        std::size_t from = command.wait_for("").size();
        for (int line = 0; line < 3; ++line) {
            from = command.wait_for(erase_rest, from).find(erase_rest, from) + 1;
        }
        const std::string text = command.wait_for(erase_rest, from);
        const std::string line = text.substr(from, text.find(erase_rest, from) - from);
        EXPECT_LT(longest_line(line.substr(line.find('\r'))), columns);
        EXPECT_EQ(longest_line(line) > 60, columns > 60) << line;
    }
}

TEST(Terminal, ThatCannotEraseGetsPlainLines) {
    for (const char* const type : {"dumb", ""}) {
        OnATerminal command(long_job, 100, type);
        SKIP_WITHOUT(command);
        const std::string text = command.wait_for(" left\r\n");
        EXPECT_TRUE(text.starts_with("[")) << text;
        EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
        EXPECT_EQ(text.find("\r["), std::string::npos) << text;
    }
}

TEST(Terminal, GetsNoColourWithNoColor) {
    for (const char* const wish : {"NO_COLOR=1", "NO_COLOR="}) {
        OnATerminal command(long_job, 100, "xterm-256color", {wish});
        SKIP_WITHOUT(command);
        EXPECT_FALSE(has_looks(command.wait_for(" left" + erase_rest)));
        OnATerminal refused({"prime-sum", "0", "ten"}, 100, "xterm-256color", {wish});
        int status = -1;
        EXPECT_FALSE(has_looks(refused.finish(status)));
        EXPECT_EQ(status, 2);
    }
}

}  // namespace
}  // namespace pinfold::apps
