// What reaches a page as text, and numbers as they read there.
#include <gtest/gtest.h>

#include "report/html/html.hpp"
#include "report/html/numbers.hpp"
#include "report/html/table.hpp"
#include "report/look_up.hpp"

// The space that keeps a number and its unit on one line.
#define NBSP "\u00A0"

namespace pinfold::apps::report {
namespace {

TEST(Html, EscapesWhatHasAMeaning) {
    EXPECT_EQ(escaped("<script>alert(\"1\" & '2')</script>"),
              "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
    EXPECT_EQ(escaped("n=1e8*{workers}\t^_@~\\n\n"), "n=1e8*{workers}\t^_@~\\n\n");
}

TEST(Html, KeepsUtf8AndReplacesWhatIsNone) {
    EXPECT_EQ(escaped("µs – 日本 🦀"), "µs – 日本 🦀");
    const std::string odd = "\xEF\xBF\xBD";
    EXPECT_EQ(escaped("a\xFFz"), "a" + odd + "z");
    EXPECT_EQ(escaped("\xC0\x80"), odd + odd) << "an overlong form of 0";
    EXPECT_EQ(escaped("\xE0\x80\xBC"), odd + odd + odd) << "an overlong form of <";
    EXPECT_EQ(escaped("\xED\xA0\x80"), odd + odd + odd) << "half of a surrogate pair";
    EXPECT_EQ(escaped("\xF4\x90\x80\x80"), odd + odd + odd + odd) << "above 10FFFF";
    EXPECT_EQ(escaped("\xE2\x82"), odd + odd) << "a character that is cut off";
}

TEST(Html, ReplacesCharactersThatNoPageMayHold) {
    const std::string odd = "\xEF\xBF\xBD";
    EXPECT_EQ(escaped(std::string_view("\0\x1b[0m\r\x7f", 7)), odd + odd + "[0m" + odd + odd);
    EXPECT_EQ(escaped("\xC2\x85"), odd) << "a control character of two bytes";
    EXPECT_EQ(escaped("\xE2\x80\xAE"), odd) << "turns the reading order";
    EXPECT_EQ(escaped("\xEF\xBF\xBF"), odd) << "no character";
}

TEST(Html, EndsElementsWithTheirScope) {
    Html html;
    {
        const auto outer = html.in("div", {{"title", "\"a\""}});
        const auto inner = html.in("b");
        html.text("1 < 2");
    }
    EXPECT_EQ(html.take(), "<div title=\"&quot;a&quot;\"><b>1 &lt; 2</b></div>");
    EXPECT_EQ(html.size(), 0U);
}

TEST(Html, NamesTheRowsOfATable) {
    Html html;
    write_table(html, {"of <b>", {"x", "y"}, {{"1", "2"}}});
    const std::string text = html.take();
    EXPECT_NE(text.find(">of &lt;b&gt;</p>"), std::string::npos) << text;
    EXPECT_NE(text.find("<th scope=\"row\">1</th><td>2</td>"), std::string::npos) << text;
}

TEST(Numbers, HaveNoMoreDigitsThanTheyAreWorth) {
    EXPECT_EQ(number_text(7.4539), "7.454");
    EXPECT_EQ(number_text(12.3456), "12.35");
    EXPECT_EQ(number_text(0.99734), "0.997");
    EXPECT_EQ(number_text(.0277285), "0.02773");
    EXPECT_EQ(number_text(123456), "123456");
    EXPECT_EQ(number_text(1.23e9), "1.23e+09");
    EXPECT_EQ(number_text(0), "0");
    EXPECT_EQ(number_text(-.5), "-0.500");
    EXPECT_EQ(number_text(0.0 / 0.0), "unknown");
}

TEST(Numbers, HaveTheUnitThatFits) {
    EXPECT_EQ(seconds_text(10.234), "10.23" NBSP "s");
    EXPECT_EQ(seconds_text(.0421), "42.10" NBSP "ms");
    EXPECT_EQ(seconds_text(8.5e-7), "850.0" NBSP "ns");
    EXPECT_EQ(seconds_text(.99999), "1.000" NBSP "s");
    EXPECT_EQ(seconds_text(0), "0" NBSP "s");
    EXPECT_EQ(bytes_text(2.5e10), "25.00" NBSP "GB");
    EXPECT_EQ(percent_text(.9342), "93.4" NBSP "%");
    EXPECT_EQ(percent_text(.0012), "0.120" NBSP "%");
    EXPECT_EQ(percent_text(0), "0.0" NBSP "%");
    EXPECT_EQ(count_text(1048576), "1,048,576");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(counted(1, "worker"), "1 worker");
    EXPECT_EQ(counted(0, "worker"), "0 workers");
}

TEST(Numbers, SayWhereThereIsNoInterval) {
    const Estimate estimate{7.45, 7.3, 7.6, .979};
    EXPECT_EQ(interval_text(estimate, number_text), "7.300 to 7.600");
    EXPECT_EQ(level_text(estimate), "97.9" NBSP "%");
    EXPECT_EQ(interval_text({1, .98, 1.02, .9}, seconds_text), "980.0" NBSP "ms to 1.020" NBSP "s");
    EXPECT_EQ(interval_text({10, 9.9, 10.4, .9}, seconds_text), "9.900 to 10.40" NBSP "s");
    EXPECT_EQ(interval_text({7.45}, number_text), "none");
    EXPECT_EQ(level_text({7.45}), "–");
    EXPECT_EQ(or_unknown(std::nullopt, number_text), "unknown");
}

TEST(ShellLine, IsReadBackByAShell) {
    EXPECT_EQ(shell_line({"prime-sum", "0", "1e11", "--method", "sieve"}),
              "prime-sum 0 1e11 --method sieve");
    EXPECT_EQ(shell_line({"sh", "-c", "echo \"$HOME\" '<b>'", ""}),
              "sh -c 'echo \"$HOME\" '\\''<b>'\\''' ''");
}

}  // namespace
}  // namespace pinfold::apps::report
