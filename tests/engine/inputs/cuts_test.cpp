// Pieces of text: whatever the grain, all chunks' pieces one behind the other are those of a cut
// from begin to end, each once and whole.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

#include "inputs/cut_oracle.hpp"

namespace pinfold {
namespace {

using testing::Strings;

/// The pieces of all chunks, as a worker gets them.
template <typename In>
Strings pieces_of(const In& in, std::uint64_t grain) {
    const auto input = detail::input_of(in);
    const auto data = input.data();
    const ChunkPlan plan(input.range, grain);
    Strings all;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        data.give(plan[i], [&](const auto& pieces) {
            std::size_t walked = 0;
            for (const std::string_view piece : pieces) {
                all.emplace_back(piece);
                ++walked;
            }
            EXPECT_EQ(pieces.empty(), walked == 0);
            return 0;
        });
    }
    return all;
}

std::span<const char> span_of(const std::string& text) {
    return {text.data(), text.size()};
}

/// A text in which the characters of `alphabet` are frequent.
rc::Gen<std::string> text_of(const std::string& alphabet) {
    return rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
}

TEST(Cuts, KnowWhatALineIs) {
    const auto lines = [](const std::string& text) { return pieces_of(Lines(span_of(text)), 3); };
    EXPECT_EQ(lines(""), Strings{});
    EXPECT_EQ(lines("a"), Strings{"a"});
    EXPECT_EQ(lines("a\n"), Strings{"a"});
    EXPECT_EQ(lines("a\n\n"), (Strings{"a", ""}));
    EXPECT_EQ(lines("\n"), Strings{""});
    EXPECT_EQ(lines("one\r\ntwo\r\n"), (Strings{"one", "two"}));
    EXPECT_EQ(lines("\r\n\r\r\n\r"), (Strings{"", "\r", "\r"}));
    EXPECT_EQ(lines(std::string("a\0b\n\0", 5)),
              (Strings{std::string("a\0b", 3), std::string(1, '\0')}));
}

TEST(Cuts, KnowWhatAWordIs) {
    const auto words = [](const std::string& text) { return pieces_of(Words(span_of(text)), 2); };
    EXPECT_EQ(words(""), Strings{});
    EXPECT_EQ(words(" \t\n"), Strings{});
    EXPECT_EQ(words("to be"), (Strings{"to", "be"}));
    EXPECT_EQ(words("  longword\n x "), (Strings{"longword", "x"}));
    EXPECT_EQ(words("Fu\xc3\x9f\xc2\xa0z"), Strings{"Fu\xc3\x9f\xc2\xa0z"});
    const std::string dots = "a.b..c";
    EXPECT_EQ(pieces_of(Words(span_of(dots), "."), 1), (Strings{"a", "b", "c"}));
}

TEST(Cuts, KnowWhatARecordIs) {
    const auto records = [](const std::string& text, std::string_view delimiter) {
        return pieces_of(Records(span_of(text), delimiter), 1);
    };
    EXPECT_EQ(records("a;;b;", ";"), (Strings{"a", "", "b"}));
    EXPECT_EQ(records("a\r\nb", "\n"), (Strings{"a\r", "b"}));
    EXPECT_EQ(records("a--b---c", "--"), (Strings{"a", "b", "-c"}));
    EXPECT_EQ(records("aaaaa", "aa"), (Strings{"", "", "a"}));
    EXPECT_EQ(records("aaaa", "aa"), (Strings{"", ""}));
    EXPECT_EQ(records("xababab", "abab"), (Strings{"x", "ab"}));
    const std::string zeros("k\0v\0", 4);
    EXPECT_EQ(pieces_of(Records(span_of(zeros), '\0'), 1), (Strings{"k", "v"}));
}

TEST(Cuts, RefuseADelimiterThatIsNone) {
    const std::string text = "a";
    EXPECT_THROW(Records(span_of(text), ""), std::invalid_argument);
    EXPECT_NO_THROW(Records(span_of(text), std::string(46, 'x')));
    try {
        Records(span_of(text), std::string(300, 'x'));
        FAIL() << "accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(), "the delimiter of records has 300 characters; it may have 1 to 46");
    }
}

// A chunk looks no further than to its end for a start: the long line is read once, not by each of
// the chunks that lie in it.
TEST(Cuts, ReadALongPieceOnce) {
    std::string text(1 << 18, 'x');
    text += "\nend";
    EXPECT_EQ(pieces_of(Lines(span_of(text)), 1), (Strings{text.substr(0, 1 << 18), "end"}));
    EXPECT_EQ(pieces_of(Words(span_of(text)), 1).size(), 2U);
    EXPECT_EQ(pieces_of(Records(span_of(text), "\ne"), 1).size(), 2U);
}

TEST(Cuts, TellWhereAPieceStands) {
    const std::string text = "one\ntwo\nthree";
    const auto data = detail::input_of(Lines(span_of(text))).data();
    data.give(Chunk(2, 11, 0), [&](const ChunkLines& lines) {
        auto it = lines.begin();
        EXPECT_EQ(it.place(), (TextPlace{0, 4}));
        const std::string_view third = *++it;
        EXPECT_EQ(it.offset(), 8U);
        EXPECT_EQ(lines.place_of(third), (TextPlace{0, 8}));
        EXPECT_EQ(lines.place_of(third.substr(2)), (TextPlace{0, 10}));
        EXPECT_EQ(std::distance(lines.begin(), lines.end()), 2);
        return 0;
    });
}

TEST(Cuts, TakeBytesOfAnyType) {
    const std::vector<unsigned char> bytes{'a', '\n', 0xff};
    EXPECT_EQ(pieces_of(Lines(std::span(bytes)), 1), (Strings{"a", "\xff"}));
    EXPECT_EQ(pieces_of(Lines(std::as_bytes(std::span(bytes))), 2), (Strings{"a", "\xff"}));
}

RC_GTEST_PROP(CutsOfAnyText, GiveEachLineOnce, ()) {
    const std::string text = *text_of("\n\n\r ax");
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 12);
    RC_ASSERT(pieces_of(Lines(span_of(text)), grain) == testing::lines_of(text));
}

RC_GTEST_PROP(CutsOfAnyText, GiveEachWordOnce, ()) {
    const std::string text = *text_of(" \nabc.");
    const std::string separators =
        *rc::gen::elementOf(std::vector<std::string>{" \n", ".", "", "abc"});
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 12);
    RC_ASSERT(pieces_of(Words(span_of(text), separators), grain) ==
              testing::words_of(text, separators));
}

RC_GTEST_PROP(CutsOfAnyText, GiveEachRecordOnce, ()) {
    const std::string text = *text_of("aab");
    const std::string delimiter = *rc::gen::suchThat(
        text_of("ab"), [](const std::string& d) { return !d.empty() && d.size() <= 46; });
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 12);
    RC_ASSERT(pieces_of(Records(span_of(text), delimiter), grain) ==
              testing::records_of(text, delimiter));
}

/// A text that is read in windows, no byte beyond what is asked for.
struct TextSource {
    const std::string& text;
    std::uint64_t* read_bytes = nullptr;

    [[nodiscard]] std::uint64_t size() const noexcept { return text.size(); }
    void read(std::uint64_t offset, std::span<char> to) const {
        ASSERT_LE(offset + to.size(), text.size());
        text.copy(to.data(), to.size(), offset);
        if (read_bytes != nullptr) {
            *read_bytes += to.size();
        }
    }
};

/// The same as pieces_of(), by windows.
template <typename Cut>
Strings pieces_by_windows(const Cut& cut, const std::string& text, std::uint64_t grain) {
    Strings all;
    const ChunkPlan plan(Range{0, text.size()}, grain);
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const std::uint64_t begin = plan[i].begin;
        const std::uint64_t end = begin + plan[i].size();
        const TextSource source{text};
        detail::TextWindow window(source, begin, end, cut, grain % 4);
        const detail::TextPart part{window.text(), static_cast<std::size_t>(begin - window.begin()),
                                    static_cast<std::size_t>(end - window.begin()), window.begin()};
        const Pieces<Cut> pieces(cut, {&part, 1});
        for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
            EXPECT_EQ(text.compare(piece.place().offset, (*piece).size(), *piece), 0);
            all.emplace_back(*piece);
        }
    }
    return all;
}

RC_GTEST_PROP(CutsOfAnyText, FindTheSameInWindows, ()) {
    const std::string text = *text_of("aab\n\r");
    const std::string delimiter = *rc::gen::suchThat(
        text_of("ab"), [](const std::string& d) { return !d.empty() && d.size() <= 46; });
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 12);
    RC_ASSERT(pieces_by_windows(detail::LineCut{}, text, grain) == testing::lines_of(text));
    RC_ASSERT(pieces_by_windows(detail::WordCut("\nb"), text, grain) ==
              testing::words_of(text, "\nb"));
    RC_ASSERT(pieces_by_windows(detail::RecordCut(delimiter), text, grain) ==
              testing::records_of(text, delimiter));
    RC_ASSERT(pieces_by_windows(detail::RecordCut("aba"), text, grain) ==
              testing::records_of(text, "aba"));
}

// The same as ReadALongPieceOnce: only the chunk in which the long line starts reads all of it.
TEST(Cuts, ReadALongPieceThroughOneWindow) {
    const std::string text = std::string(1 << 18, 'x') + "\nend";
    const ChunkPlan plan(Range{0, text.size()}, 1 << 10);
    std::uint64_t read_bytes = 0;
    const TextSource source{text, &read_bytes};
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const std::uint64_t begin = plan[i].begin;
        const std::uint64_t end = begin + plan[i].size();
        detail::TextWindow(source, begin, end, detail::LineCut{}, 100);
        detail::TextWindow(source, begin, end, detail::WordCut("\n"), 100);
        detail::TextWindow(source, begin, end, detail::RecordCut("\ne"), 100);
    }
    EXPECT_LT(read_bytes, 3 * 3 * text.size());
}

// What the search for a place that no delimiter crosses once took for one: a window's begin.
TEST(Cuts, SeeADelimiterThatBeginsBeforeAWindow) {
    const std::string text = "baabababaa";
    EXPECT_EQ(pieces_by_windows(detail::RecordCut("aba"), text, 1),
              testing::records_of(text, "aba"));
}

}  // namespace
}  // namespace pinfold
