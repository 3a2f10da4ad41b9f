// What maps and initializers may throw, and what is told of it.
#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

struct NullWhat : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return nullptr; }
};

struct LongWhat : std::exception {
    [[nodiscard]] const char* what() const noexcept override {
        static const std::string text(mebibyte, 'x');
        return text.c_str();
    }
};

struct Umlauts : std::exception {
    explicit Umlauts(std::size_t shift) : text(shift, '.') {
        for (int i = 0; i < 2000; ++i) {
            text += "\xC3\xA4";
        }
    }
    [[nodiscard]] const char* what() const noexcept override { return text.c_str(); }
    std::string text;
};

struct OwnType {};
struct OwnBadAlloc : std::bad_alloc {
    [[nodiscard]] const char* what() const noexcept override { return "no room of my own"; }
};
struct Left : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Right : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct TwiceAnException : Left, Right {
    TwiceAnException() : Left("left"), Right("right") {}
};

/// A type whose name, written out, is twice as long at each depth.
template <typename A, typename B>
struct Two {};
template <int Depth>
struct Doubled {
    using Type =
        Two<typename Doubled<Depth - 1>::Type,
            std::pair<typename Doubled<Depth - 1>::Type, std::integral_constant<int, Depth>>>;
};
template <>
struct Doubled<0> {
    using Type = int;
};
/// A type whose mangled name is a megabyte long.
template <std::size_t... Numbers>
struct Many : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "of a long name"; }
};
template <std::size_t... Numbers>
[[noreturn]] void throw_many(std::index_sequence<Numbers...>) {
    throw Many<(Numbers + 1'000'000'000'000)...>();
}

[[noreturn]] void throw_nested(int depth) {
    try {
        if (depth == 0) {
            throw std::out_of_range("the cause");
        }
        throw_nested(depth - 1);
    } catch (...) {
        std::throw_with_nested(std::runtime_error("level " + std::to_string(depth)));
    }
}

struct Thrower {
    std::function<void()> act;
    std::string type;
    std::string text;  // or its beginning, if it ends in *
};

const std::vector<Thrower>& throwers() {
    static const std::vector<Thrower> all{
        {[] { throw std::out_of_range("beyond"); }, "std::out_of_range", "beyond"},
        {[] { throw NullWhat(); }, "pinfold::(anonymous namespace)::NullWhat", "(null)"},
        {[] { throw LongWhat(); }, "pinfold::(anonymous namespace)::LongWhat", "xxxxxxxx*"},
        {[] { throw OwnType(); }, "pinfold::(anonymous namespace)::OwnType",
         "not derived from std::exception"},
        {[] { throw TwiceAnException(); }, "pinfold::(anonymous namespace)::TwiceAnException",
         "not derived from std::exception"},
        {[] { throw 5; }, "int", "5"},
        {[] { throw -7L; }, "long", "-7"},
        {[] { throw ~0ULL; }, "unsigned long long", "18446744073709551615"},
        {[] { throw 0.5; }, "double", "0.5"},
        {[] { throw "a literal"; }, "char const*", "a literal"},
        {[] { throw static_cast<const char*>(nullptr); }, "char const*", "(null)"},
        {[] { throw std::string("a string"); }, "std::*", "a string"},
        {[] { throw std::string(mebibyte, 's'); }, "std::*", "ssss*"},
        {[] { throw std::make_unique<int>(3); }, "std::*", "not derived from std::exception"},
        {[] { throw nullptr; }, "decltype(nullptr)", "*"},
        {[] { throw std::runtime_error(std::string(mebibyte, 'y')); }, "std::runtime_error",
         "yyyyyy*"},
        {[] { throw std::runtime_error(""); }, "std::runtime_error", ""},
        {[] { throw_nested(2); }, "std::_Nested_exception<std::runtime_error>",
         "level 2; from std::_Nested_exception<std::runtime_error>: level 1; from "
         "std::_Nested_exception<std::runtime_error>: level 0; from std::out_of_range: the cause"},
        {[] { throw_nested(100); }, "std::_Nested_exception<std::runtime_error>",
         "level 100; from *"},
        {[] {
             try {
                 throw 5;
             } catch (...) {
                 std::throw_with_nested(OwnType());
             }
         },
         "std::_Nested_exception<pinfold::(anonymous namespace)::OwnType>",
         "not derived from std::exception; from int: 5"},
        {[] { throw Doubled<15>::Type(); }, "*", "not derived from std::exception"},
        {[] { throw_many(std::make_index_sequence<50'000>()); }, "*", "of a long name"},
    };
    return all;
}

void expect_text(const std::string& told, const std::string& expected) {
    if (expected.ends_with('*')) {
        EXPECT_TRUE(told.starts_with(expected.substr(0, expected.size() - 1))) << told;
    } else {
        EXPECT_EQ(told, expected);
    }
    EXPECT_LT(told.size(), 896U);
}

struct ThrowNumber {
    std::size_t number;
};

class ThrownOnEveryCrew : public testing::NothingLeft,
                          public ::testing::WithParamInterface<Crew> {};

TEST_P(ThrownOnEveryCrew, IsToldByItsTypeAndItsText) {
    throwers();  // before the workers
    Pool pool = testing::make_pool(GetParam(), 2);
    for (std::size_t i = 0; i < throwers().size(); ++i) {
        try {
            map_reduce(
                pool, Range{0, 1}, ThrowNumber{i},
                [](const ThrowNumber& which, const Chunk&) {
                    throwers()[which.number].act();
                    return 1;
                },
                std::plus<>{});
            ADD_FAILURE() << "nothing was thrown by " << i;
        } catch (const JobFailed& failure) {
            EXPECT_TRUE(failure.details().deaths.empty()) << failure.what();
            EXPECT_EQ(failure.details().attempts, 1) << i;
            expect_text(failure.details().exception_type, throwers()[i].type);
            expect_text(failure.details().exception_text, throwers()[i].text);
        }
    }
}

// Wherever the cut comes to lie, no character of two bytes is halved.
TEST_P(ThrownOnEveryCrew, IsCutBetweenTwoCharactersAndSaysSo) {
    Pool pool = testing::make_pool(GetParam(), 1);
    for (const std::size_t shift : {0U, 1U}) {
        try {
            map_reduce(
                pool, Range{0, 1}, ThrowNumber{shift},
                [](const ThrowNumber& by, const Chunk&) -> int { throw Umlauts(by.number); },
                std::plus<>{});
            ADD_FAILURE() << "nothing was thrown";
        } catch (const JobFailed& failure) {
            const std::string text = failure.details().exception_text;
            EXPECT_TRUE(text.ends_with("\xC3\xA4 [...]")) << text;
            EXPECT_EQ(text.substr(0, shift + 2), std::string(shift, '.') + "\xC3\xA4");
        }
    }
}

TEST_P(ThrownOnEveryCrew, LacksMemoryByAnyNameOfItsOwn) {
    Pool pool = testing::make_pool(GetParam(), 1);
    try {
        map_reduce(
            pool, Range{0, 1}, 0, [](const int&, const Chunk&) -> int { throw OwnBadAlloc(); },
            std::plus<>{});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().attempts, GetParam() == Crew::processes ? 3 : 1);
        EXPECT_EQ(failure.details().exception_text, "no room of my own");
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, ThrownOnEveryCrew, ::testing::ValuesIn(testing::all_crews));

class ThrownByAnInitializer : public testing::NothingLeft {
  protected:
    static std::string reason(const std::function<void()>& initializer) {
        try {
            const Pool pool({.workers = 1, .pin = "none", .initializer = initializer});
            return "started";
        } catch (const PoolBroken& broken) {
            return broken.what();
        }
    }
};

TEST_F(ThrownByAnInitializer, IsToldByItsText) {
    const std::string begin = "the pool is broken: start-up threw: ";
    EXPECT_EQ(reason([] { throw NullWhat(); }), begin + "(null)");
    EXPECT_EQ(reason([] { throw 5; }), begin + "int: 5");
    EXPECT_EQ(reason([] { throw "a literal"; }), begin + "char const*: a literal");
    EXPECT_TRUE(reason([] { throw LongWhat(); }).starts_with(begin + "xxxxxxxx"));
    EXPECT_EQ(reason([] {
                  try {
                      throw std::runtime_error("inner");
                  } catch (...) {
                      std::throw_with_nested(std::logic_error("outer"));
                  }
              }),
              begin + "outer; from std::runtime_error: inner");
}

}  // namespace
}  // namespace pinfold
