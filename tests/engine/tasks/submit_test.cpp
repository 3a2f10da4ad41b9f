// What may be submitted, and comes back as it was sent, on each crew.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::refusal;

struct Image {
    std::string name;
    std::vector<int> pixels;
    friend bool operator==(const Image&, const Image&) = default;
};

Image shrink(const std::string& file, int width) {
    if (file.empty()) {
        throw std::invalid_argument("no file");
    }
    return {file, std::vector<int>(static_cast<std::size_t>(width), width)};
}

class Submit : public testing::OnEachCrew {
  protected:
    Submit() : OnEachCrew(2) {}
};

TEST_P(Submit, CompilesAsUsersWriteIt) {
    const std::vector<std::string> files{"one", "",
                                         "a name that is longer than a string's own room"};
    std::vector<Future<Image>> fs;
    std::vector<Image> shown;
    std::string refused;
    const auto show = [&](const Image& image) { shown.push_back(image); };
    for (auto& f : files)
        fs.push_back(pool.submit(shrink, f, 640));
    for (auto& f : pinfold::as_completed(fs))
        try {
            show(f.get());
        } catch (const TaskFailed& e) {
            refused = e.what();
        }
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(fs[0].get(), shrink(files[0], 640));
    EXPECT_EQ(fs[2].get(), shrink(files[2], 640));
    EXPECT_NE(refused.find("std::invalid_argument: no file"), std::string::npos) << refused;
}

struct Polynomial {
    std::vector<double> coefficients;
    std::string name;

    double operator()(double x) const {
        double sum = 0;
        for (const double c : coefficients) {
            sum = sum * x + c;
        }
        return sum;
    }
    [[nodiscard]] std::string named(const std::string& prefix) const { return prefix + name; }
};

int global_function() {
    return 11;
}

TEST_P(Submit, TakesAnythingThatCanBeCalled) {
    int three = 3;  // not a constant, which a lambda has without a capture
    EXPECT_EQ(pool.submit(global_function).get(), 11);
    EXPECT_EQ(pool.submit(&global_function).get(), 11);
    EXPECT_EQ(pool.submit([] { return 5; }).get(), 5);
    EXPECT_EQ(pool.submit([three](int x) { return three * x; }, 4).get(), 12);
    EXPECT_EQ(pool.submit([count = 0]() mutable { return ++count; }).get(), 1);
    EXPECT_EQ(pool.submit([](auto a, auto b) { return a + b; }, 1, 2.5).get(), 3.5);
    const Polynomial line{{2, 1}, "line"};
    EXPECT_EQ(pool.submit(line, 10.0).get(), 21);
    EXPECT_EQ(pool.submit(&Polynomial::named, line, "a ").get(), "a line");
    EXPECT_EQ(pool.submit(&Polynomial::name, line).get(), "line");
    const std::array<std::uint64_t, 16> large{1, 2, 3};  // a closure of 128 bytes
    EXPECT_EQ(pool.submit([large] { return large[2]; }).get(), 3U);
}

TEST_P(Submit, CopiesTheArguments) {
    std::string name = "before";
    std::vector<int> numbers{1, 2, 3};
    auto later = pool.submit(
        [](const std::string& n, std::vector<int> v) { return n + std::to_string(v.at(2)); }, name,
        numbers);
    name = "after";
    numbers.clear();
    EXPECT_EQ(later.get(), "before3");
    EXPECT_EQ(pool.submit([](std::string_view s) { return s.size(); }, "literal").get(), 7U);
    EXPECT_EQ(pool.submit([](std::string s) { return s + "!"; }, std::string_view("view")).get(),
              "view!");
    using Table = std::map<std::string, std::optional<double>>;
    const Table table{{"half", 0.5}, {"none", std::nullopt}};
    EXPECT_EQ(pool.submit([](const Table& t) { return t; }, table).get(), table);
    EXPECT_EQ(pool.submit([](std::tuple<int, std::string>&& t) { return std::get<1>(t); },
                          std::tuple(1, std::string("of a tuple")))
                  .get(),
              "of a tuple");
}

struct Large {
    std::array<double, 10'000> values{};
};
struct alignas(256) Aligned {
    int value = 0;
};
struct WithoutDefault {
    explicit WithoutDefault(int v) : value(v) {}
    int value;
};
int shared_number = 9;

TEST_P(Submit, ReturnsWhatCrosses) {
    Large large;
    large.values.back() = 2;
    EXPECT_EQ(pool.submit([](const Large& l) { return l; }, large).get().values.back(), 2);
    EXPECT_EQ(
        pool.submit(
                [](const Aligned& a) {
                    return Aligned{reinterpret_cast<std::uintptr_t>(&a) % 256 == 0 ? a.value : 0};
                },
                Aligned{4})
            .get()
            .value,
        4);
    EXPECT_EQ(pool.submit([] { return WithoutDefault(6); }).get().value, 6);
    EXPECT_EQ(pool.submit([]() -> int& { return shared_number; }).get(), 9);
    static_assert(
        std::is_same_v<decltype(pool.submit([]() -> const int& { return shared_number; })),
                       Future<int>>);
    static_assert(std::is_same_v<decltype(pool.submit([] {})), Future<void>>);
    pool.submit([](int) {}, 1).get();
    EXPECT_TRUE(pool.submit([] { return true; }).get());
    EXPECT_EQ(pool.submit([] { return std::pair<std::string, int>("pair", 2); }).get().first,
              "pair");
}

TEST_P(Submit, CarriesMegabytesBothWays) {
    const std::string text(3'000'000, 'x');
    const auto doubled = pool.submit([](const std::string& s) { return s + s; }, text);
    EXPECT_EQ(doubled.get(), text + text);
    const auto longer = pool.submit([](std::vector<std::string> v) { return v; },
                                    std::vector<std::string>(1000, std::string(100, 'y')));
    EXPECT_EQ(longer.get().at(999), std::string(100, 'y'));
}

TEST_P(Submit, KeepsAnArrayThatATaskUses) {
    Future<int> of_capture;
    Future<int> of_argument;
    const std::size_t before = pool.arena()->used_bytes();
    {
        const auto numbers = pool.array(std::vector<int>(100'000, 3));
        of_capture = pool.submit([numbers] { return numbers[99'999]; });
        of_argument =
            pool.submit([](const shm::Array<int>& n) { return n[0] + n[99'999]; }, numbers);
    }
    EXPECT_EQ(of_capture.get(), 3);
    EXPECT_EQ(of_argument.get(), 6);
    of_capture = {};
    of_argument = {};
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_P(Submit, RefusesPointersThatWorkersDoNotSee) {
    int local = 1;
    const std::vector<int> numbers(100, 1);
    const auto by_pointer = [p = &local] { return *p; };
    const auto from_pointer = [](const int* p) { return *p; };
    EXPECT_NE(refusal([&] { (void)pool.submit(by_pointer); }).find("the function holds a pointer"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                  (void)pool.submit(from_pointer, &local);
              }).find("an argument holds a pointer into the stack"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                  (void)pool.submit([](std::span<const int> s) { return s[0]; },
                                    std::span(numbers));
              }).find("an argument holds a pointer"),
              std::string::npos);
    using Numbers = std::vector<const int*>;
    static_assert(!shm::CrossingOf<Numbers>::is_there);
    const auto in_arena = pool.array(std::vector<int>{7});
    EXPECT_EQ(pool.submit(from_pointer, static_cast<const int*>(in_arena.data())).get(), 7);
}

constexpr std::array<int, 3> constants{2, 3, 5};

TEST_P(Submit, PassesWhatIsTrusted) {
    const auto at = trust([p = &shared_number] { return *p; });
    EXPECT_EQ(pool.submit(at).get(), 9);
    EXPECT_EQ(pool.submit([](const int* p) { return p[1]; }, trust(constants.data())).get(), 3);
    EXPECT_EQ(pool.submit([](const int* p) { return p[2]; }, constants.data()).get(), 5);
    EXPECT_EQ(pool.submit([](int& x) { return x; }, trust(std::ref(shared_number))).get(), 9);
}

TEST_P(Submit, TakesOptionsFirst) {
    EXPECT_EQ(pool.submit(
                      {.max_attempts = 1, .name = "seven"}, [](int x) { return x; }, 7)
                  .get(),
              7);
    const TaskOptions once{.must_not_run_twice = true};
    EXPECT_EQ(pool.submit(once, global_function).get(), 11);
    EXPECT_NE(refusal([&] { (void)pool.submit({.max_attempts = 0}, global_function); }),
              "accepted");
}

TEST_P(Submit, ATimelineHasTasksByTheirNames) {
    Timeline timeline({.name = "single tasks"});
    auto named = pool.submit({.name = "shrink one", .timeline = &timeline}, shrink, "one", 640);
    auto failing = pool.submit({.name = "shrink none", .timeline = &timeline}, shrink, "", 640);
    auto unnamed = pool.submit({.timeline = &timeline}, global_function);
    auto untold = pool.submit({.name = "untold"}, global_function);
    EXPECT_EQ(named.get().pixels.size(), 640U);
    EXPECT_EQ(timeline.tasks(), 1U + (pool.crew() == Crew::serial ? 2U : 0U));
    EXPECT_THROW(static_cast<void>(failing.get()), TaskFailed);
    unnamed.wait();
    untold.wait();
    EXPECT_EQ(timeline.tasks(), 3U);
    const std::string json = timeline.to_chrome_json();
    EXPECT_NE(json.find(R"("name":"shrink one","cat":"task")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("name":"shrink none","cat":"failed")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("name":"task 3","cat":"task")"), std::string::npos) << json;
    EXPECT_EQ(json.find("untold"), std::string::npos) << json;
}

TEST_P(Submit, ATimelineHasTasksWhoseFutureWasDropped) {
    Timeline timeline;
    {
        Pool own = testing::make_pool(GetParam(), 2);
        static_cast<void>(own.submit({.name = "dropped", .timeline = &timeline}, global_function));
        own.shutdown();
    }
    EXPECT_EQ(timeline.tasks(), 1U);
}

TEST(SubmitToProcesses, ATimelineTellsOfTheAttemptThatEndedATask) {
    const testing::Shared<std::atomic<int>> starts;
    Pool pool({.workers = 2});
    Timeline timeline;
    const auto dies_once = [](std::atomic<int>* its) {
        if (its->fetch_add(1) == 0) {
            std::abort();
        }
        return 1;
    };
    auto second = pool.submit({.name = "twice", .timeline = &timeline}, dies_once, starts.get());
    auto never = pool.submit({.max_attempts = 1, .timeline = &timeline}, [] { std::abort(); });
    EXPECT_EQ(second.get(), 1);
    EXPECT_THROW(never.get(), TaskFailed);
    EXPECT_EQ(timeline.tasks(), 1U);
    EXPECT_NE(timeline.to_chrome_json().find(R"("attempts":2)"), std::string::npos);
    auto inside = pool.submit(
        [](Timeline* its) { static_cast<void>(submit({.timeline = its}, global_function)); },
        trust(&timeline));
    EXPECT_THROW(inside.get(), TaskFailed);  // it would be lost
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Submit, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold
