// words(): the words of a text in memory, beside a loop over its characters.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <pinfold/engine/inputs/split_words.hpp>
#include <ranges>
#include <string>
#include <string_view>

#include "inputs/cut_oracle.hpp"

namespace pinfold {
namespace {

using testing::Strings;

static_assert(std::ranges::forward_range<decltype(words(""))>);
static_assert(std::ranges::common_range<decltype(words("", ","))>);
static_assert(std::ranges::borrowed_range<decltype(words(""))>);
static_assert(sizeof(words("").begin()) < sizeof(words("", ",").begin()));

template <typename Found>
Strings strings_of(const Found& found) {
    Strings strings;
    for (const std::string_view word : found) {
        strings.emplace_back(word);
    }
    return strings;
}

TEST(SplitWords, KnowWhatAWordIs) {
    EXPECT_EQ(strings_of(words("")), Strings{});
    EXPECT_EQ(strings_of(words(" \t\n\v\f\r")), Strings{});
    EXPECT_EQ(strings_of(words("to be")), (Strings{"to", "be"}));
    EXPECT_EQ(strings_of(words("  longword\n x ")), (Strings{"longword", "x"}));
    EXPECT_EQ(strings_of(words("Fu\xc3\x9f\xc2\xa0z")), Strings{"Fu\xc3\x9f\xc2\xa0z"});
    EXPECT_EQ(strings_of(words("a.b..c", ".")), (Strings{"a", "b", "c"}));
    EXPECT_EQ(strings_of(words("a b", "")), Strings{"a b"});
    EXPECT_TRUE(words("").empty());
    EXPECT_TRUE(words("\n\n").empty());
    EXPECT_FALSE(words(" x").empty());
}

TEST(SplitWords, KnowEachByteAsTheCutDoes) {
    const detail::CharacterSet blanks(" \t\n\v\f\r");
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(64 + 3, static_cast<char>(byte));  // in eights, and one by one
        const Strings expected = blanks.has(text[0]) ? Strings{} : Strings{text};
        EXPECT_EQ(strings_of(words(text)), expected) << byte;
        EXPECT_EQ(strings_of(words(text, std::string_view(text).substr(0, 1))), Strings{}) << byte;
    }
}

// Every place of a border in masks of 64 characters, and in what is left behind the last one.
TEST(SplitWords, FindAWordWhereverItStands) {
    for (std::size_t size = 1; size < 200; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, ' ');
            text[at] = 'x';
            EXPECT_EQ(strings_of(words(text)), Strings{"x"});
            std::ranges::fill(text, 'x');
            text[at] = '\n';
            EXPECT_EQ(strings_of(words(text)), testing::words_of(text)) << size << ' ' << at;
        }
    }
}

RC_GTEST_PROP(SplitWords, AreThoseOfALoopOverTheCharacters, ()) {
    const auto text = *rc::gen::scale(4, rc::gen::container<std::string>(rc::gen::elementOf(
                                             std::string("aaab\xa0\x89\x8d\0  \n\t\r", 13))));
    RC_ASSERT(strings_of(words(text)) == testing::words_of(text));
    RC_ASSERT(strings_of(words(text, "ab")) == testing::words_of(text, "ab"));
}

RC_GTEST_PROP(SplitWords, AreThoseOfAnyBytes, ()) {
    const auto text =
        *rc::gen::scale(4, rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    const auto separators = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    RC_ASSERT(strings_of(words(text)) == testing::words_of(text));
    RC_ASSERT(strings_of(words(text, separators)) == testing::words_of(text, separators));
}

TEST(SplitWords, LieInTheText) {
    const std::string text = "one two";
    auto word = words(text).begin();
    EXPECT_EQ((*word).data(), text.data());
    const auto first = word++;
    EXPECT_EQ((*word).data(), text.data() + 4);
    EXPECT_EQ(*first, "one");
    EXPECT_NE(first, word);
    EXPECT_EQ(++word, words(text).end());
}

/// A page of memory between two that nobody may read.
class FencedPage {
  public:
    FencedPage()
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          memory_(static_cast<char*>(
              mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
        mprotect(memory_ + page_, page_, PROT_READ | PROT_WRITE);
    }
    ~FencedPage() { munmap(memory_, 3 * page_); }
    FencedPage(const FencedPage&) = delete;
    FencedPage& operator=(const FencedPage&) = delete;

    [[nodiscard]] std::string_view text() const { return {memory_ + page_, page_}; }
    [[nodiscard]] char* data() { return memory_ + page_; }

  private:
    std::size_t page_;
    char* memory_;
};

TEST(SplitWords, ReadNothingOutsideOfTheText) {
    FencedPage page;
    std::fill_n(page.data(), page.text().size(), 'x');
    for (std::size_t size = 0; size <= 2 * detail::mask_characters; ++size) {
        for (const std::string_view text :
             {page.text().substr(0, size), page.text().substr(page.text().size() - size)}) {
            EXPECT_EQ(strings_of(words(text)), testing::words_of(text));
            EXPECT_EQ(strings_of(words(text, ",")), testing::words_of(text, ","));
        }
    }
}

}  // namespace
}  // namespace pinfold
