#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/strings.hpp>
#include <set>
#include <string>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

std::shared_ptr<Arena> an_arena() {
    return std::make_shared<Arena>(ArenaOptions{.bytes = std::size_t{1} << 24});
}

TEST(Strings, HoldCopiesOfAnyContainer) {
    const auto arena = an_arena();
    const std::vector<std::string> names{"one", "", "three", std::string("a\0b", 3)};
    const Strings of_strings(arena, names);
    EXPECT_TRUE(std::ranges::equal(of_strings, names));
    EXPECT_EQ(of_strings.characters(), std::string_view("onethreea\0b", 11));
    EXPECT_EQ(Strings(arena, std::list<const char*>{"x", "yy"})[1], "yy");
    EXPECT_EQ(Strings(arena, std::set<std::string_view>{"b", "a"})[0], "a");
    EXPECT_EQ(Strings(arena, of_strings)[2], "three");
}

TEST(Strings, MayBeNone) {
    const Strings nothing;
    EXPECT_TRUE(nothing.empty());
    EXPECT_EQ(nothing.begin(), nothing.end());
    EXPECT_TRUE(nothing.span().subspan(0, 0).empty());
    const Strings none(an_arena(), std::vector<std::string>{});
    EXPECT_EQ(none.size(), 0U);
    EXPECT_TRUE(none.characters().empty());
}

TEST(Strings, ShareTheirCharactersAndGiveThemBack) {
    const auto arena = an_arena();
    const std::size_t before = arena->used_bytes();
    {
        Strings first(arena, std::vector<std::string>{"shared"});
        const Strings copy = first;
        const std::string_view seen = copy[0];
        first = Strings();
        EXPECT_EQ(seen, "shared");
        EXPECT_EQ(copy[0].data(), seen.data());
    }
    EXPECT_EQ(arena->used_bytes(), before);
}

TEST(Strings, AreWalkedInAnyDirection) {
    const Strings strings(an_arena(), std::vector<std::string>{"a", "b", "c"});
    static_assert(std::random_access_iterator<StringsSpan::Iterator>);
    std::string back;
    for (auto at = strings.end(); at != strings.begin();) {
        back += *--at;
    }
    EXPECT_EQ(back, "cba");
    EXPECT_EQ(strings.begin()[2], "c");
    EXPECT_EQ(strings.end() - strings.begin(), 3);
    EXPECT_EQ(strings.span().subspan(1, 2)[0], "b");
}

TEST(Strings, MeanTheSameInAChild) {
    const Strings strings(an_arena(), std::vector<std::string>{"parent", "child"});
    ChildProcess child([&strings] { return strings[1] == "child" ? 0 : 1; });
    EXPECT_EQ(child.exit_code(), 0);
}

struct Dictionary {
    std::string language;
    Strings words;
};

TEST(Strings, StandInAMessageByTheirHandle) {
    const auto arena = an_arena();
    const std::size_t before = arena->used_bytes();
    {
        Dictionary read;
        {
            const Dictionary given{"en", Strings(arena, std::vector<std::string>{"one", "two"})};
            std::vector<std::byte> message(CrossingOf<Dictionary>::write(given, {}));
            CrossingOf<Dictionary>::write(given, message);
            read = CrossingOf<Dictionary>::read(message);
        }
        EXPECT_EQ(read.words[1], "two");
    }
    EXPECT_EQ(arena->used_bytes(), before);
}

RC_GTEST_PROP(StringsOfAnyKind, AreWhatWasGiven, (std::vector<std::string> given)) {
    const Strings strings(an_arena(), given);
    RC_ASSERT(strings.size() == given.size());
    RC_ASSERT(std::ranges::equal(strings, given));
}

}  // namespace
}  // namespace pinfold::shm
