#include <gtest/gtest.h>

#include <array>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "round_trip.hpp"

namespace pinfold::shm {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

enum class Colour : std::uint8_t { red, green };

struct Point {
    float x;
    float y;

    bool operator==(const Point&) const = default;
};

struct Weapon {
    std::string name;
    Colour colour = Colour::red;

    bool operator==(const Weapon&) const = default;
};

struct Monster {
    Point at;
    std::int16_t health = 0;
    std::string name;
    std::vector<std::uint8_t> bytes;
    std::vector<Weapon> weapons;
    Weapon best;
    std::vector<Point> path;

    bool operator==(const Monster&) const = default;
};

struct Arrays {
    std::array<std::string, 2> names;
    std::string texts[2];
    int numbers[2][3];
    char one[1];
    std::string last;

    bool operator==(const Arrays&) const = default;
};

struct Tree {
    std::string name;
    std::vector<Tree> children;

    bool operator==(const Tree&) const = default;
};

class NoDefault {
  public:
    explicit NoDefault(int number) : number_(number) {}
    bool operator==(const NoDefault&) const = default;

  private:
    int number_;
};

struct HoldsNoDefault {
    NoDefault one;
    std::string text;
    std::vector<NoDefault> many;
    std::array<NoDefault, 2> two;
    std::variant<NoDefault, std::string> either;
    std::map<std::string, NoDefault> named;

    bool operator==(const HoldsNoDefault&) const = default;
};

struct Empty {
    bool operator==(const Empty&) const = default;
};

struct HoldsEmpty {
    Empty empty;
    std::string text;
    std::vector<Empty> many;

    bool operator==(const HoldsEmpty&) const = default;
};

/// A functor whose members cross.
struct Contains {
    std::string letters;

    bool operator()(char letter) const { return letters.find(letter) != std::string::npos; }
};

TEST(CrossingValues, AreStrings) {
    expect_crosses(std::string());
    expect_crosses(std::string("short"));
    expect_crosses(std::string("with\0zero", 9));
    for (const std::size_t size : {254U, 255U, 256U, 70'000U}) {
        expect_crosses(std::string(size, 'x'));
    }
    expect_crosses(std::wstring(L"wide"));
    expect_crosses(std::u16string(u"sixteen"));
}

TEST(CrossingValues, AreVectorsAndOtherSequences) {
    expect_crosses(std::vector<double>(1000, 0.5));
    expect_crosses(std::vector<double>());
    expect_crosses(std::vector<std::string>{"a", "", "bc"});
    expect_crosses(std::vector<std::vector<int>>{{1}, {}, {2, 3}});
    expect_crosses(std::deque<int>{1, 2, 3});
    expect_crosses(std::deque<std::string>{"a", "b"});
    expect_crosses(std::list<std::string>{"a", "b"});
    expect_crosses(std::array<std::string, 3>{"a", "b", "c"});
    expect_crosses(std::vector<NoDefault>{NoDefault(1), NoDefault(2)});
    expect_crosses(std::vector<Empty>(7));
    expect_crosses(std::deque<std::tuple<>>(7));
}

TEST(CrossingValues, AreBits) {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 63U, 64U, 65U, 1000U}) {
        std::vector<bool> bits(size);
        for (std::size_t i = 0; i < size; i += 3) {
            bits[i] = true;
        }
        expect_crosses(bits);
    }
    EXPECT_EQ(message_of(std::vector<bool>(16, true)).size(), 3U);
}

TEST(CrossingValues, AreMapsAndSets) {
    expect_crosses(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}});
    expect_crosses(std::map<int, int, std::greater<>>{{1, 2}, {2, 3}});
    expect_crosses(std::multimap<int, std::string>{{1, "b"}, {1, "a"}, {2, "c"}});
    expect_crosses(std::set<std::string>{"b", "a"});
    expect_crosses(std::multiset<int>{1, 1, 2});
    expect_crosses(std::unordered_map<std::string, int>{{"a", 1}, {"b", 2}});
    expect_crosses(std::unordered_multimap<int, std::string>{{1, "a"}, {1, "b"}});
    expect_crosses(std::unordered_set<std::string>{"a", "b"});
    expect_crosses(std::unordered_multiset<int>{1, 1, 2});
}

TEST(CrossingValues, AreTuplesOptionalsAndVariants) {
    expect_crosses(std::pair<std::string, int>("a", 1));
    expect_crosses(std::pair<int, int>(1, 2));
    expect_crosses(std::tuple<int, std::string, double>(1, "a", 0.5));
    expect_crosses(std::tuple<std::vector<int>>(std::vector<int>{1}));
    expect_crosses(std::optional<std::string>());
    expect_crosses(std::optional<std::string>("a"));
    expect_crosses(std::optional<std::optional<std::string>>(std::in_place));
    using Choice = std::variant<std::monostate, int, std::string, int>;
    expect_crosses(Choice());
    expect_crosses(Choice(std::in_place_index<3>, 7));
    expect_crosses(Choice("text"));
}

TEST(CrossingValues, AreNumbersAndTimesInside) {
    expect_crosses(std::vector<std::complex<double>>{{1, 2}, {3, 4}});
    expect_crosses(std::vector<std::bitset<77>>{std::bitset<77>(5)});
    expect_crosses(std::pair<milliseconds, system_clock::time_point>(
        milliseconds(3), system_clock::time_point(milliseconds(9))));
    expect_crosses(std::vector<Colour>{Colour::green, Colour::red});
    expect_crosses(std::vector<std::pair<bool, Colour>>{{true, Colour::green}, {false, {}}});
}

TEST(CrossingValues, AreAggregatesWithoutAWordOfTheirs) {
    expect_crosses(Monster{{1, 2},
                           3,
                           "a name that is longer than what a string holds in itself",
                           std::vector<std::uint8_t>(200, 7),
                           {{"axe", Colour::green}, {"", Colour::red}},
                           {"bow", Colour::red},
                           std::vector<Point>(100, {3, 4})});
    expect_crosses(Monster{});
    expect_crosses(Arrays{{"a", "b"}, {"c", "d"}, {{1, 2, 3}, {4, 5, 6}}, {'x'}, "e"});
    expect_crosses(HoldsEmpty{{}, "text", {Empty{}, Empty{}}});
    expect_crosses(HoldsNoDefault{NoDefault(1),
                                  "text",
                                  {NoDefault(2)},
                                  {NoDefault(3), NoDefault(4)},
                                  NoDefault(5),
                                  {{"six", NoDefault(6)}}});
    EXPECT_TRUE(round_trip(Contains{"aeiou"})('e'));
}

TEST(CrossingValues, MayHoldThemselves) {
    expect_crosses(Tree{"root", {{"a", {{"b", {}}}}, {"c", {}}}});
    Tree deep;
    for (unsigned depth = 1; depth < deepest_message; ++depth) {
        Tree outer;
        outer.children.push_back(std::move(deep));
        deep = std::move(outer);
    }
    expect_crosses(deep);
    Tree deeper;
    deeper.children.push_back(deep);
    EXPECT_THROW((void)CrossingOf<Tree>::write(deeper, {}), std::length_error);
}

TEST(CrossingValues, TakeFewBytes) {
    EXPECT_EQ(message_of(std::string("word")).size(), 5U);
    EXPECT_EQ(message_of(std::pair<std::string, std::uint64_t>("word", 1)).size(), 13U);
    EXPECT_EQ(message_of(std::variant<std::monostate, std::string>()).size(), 1U);
    EXPECT_EQ(message_of(std::vector<double>(300)).size(), 9U + 300 * sizeof(double));
}

TEST(CrossingValues, AreWrittenWhereThereIsRoomAndCountedWhereNot) {
    const std::vector<std::string> value{"one", "two", "three"};
    const std::size_t size = message_of(value).size();
    for (std::size_t room = 0; room < size; ++room) {
        std::vector<std::byte> less(room + 1, std::byte{0x5a});
        const std::span<std::byte> to(less.data(), room);
        EXPECT_EQ((CrossingOf<std::vector<std::string>>::write(value, to)), size);
        EXPECT_EQ(less.back(), std::byte{0x5a});
    }
}

TEST(CrossingValues, AreNoneInAVariantThatLostIts) {
    using Choice = std::variant<std::string, std::deque<int>>;
    Choice lost("text");
    EXPECT_THROW(lost.emplace<1>(lost.index() - 1), std::length_error);
    ASSERT_TRUE(lost.valueless_by_exception());
    EXPECT_THROW((void)CrossingOf<Choice>::write(lost, {}), std::bad_variant_access);
}

}  // namespace
}  // namespace pinfold::shm
