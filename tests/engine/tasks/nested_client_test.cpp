// Tasks that submit tasks and wait for them.

#include "clients.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

std::uint64_t fibonacci(int n) {
    if (n < 2) {
        return static_cast<std::uint64_t>(n);
    }
    const Future<std::uint64_t> left = pinfold::submit(fibonacci, n - 1);
    const Future<std::uint64_t> right = pinfold::submit(fibonacci, n - 2);
    return left.get() + right.get();
}

TEST_P(Clients, OfWorkersRunWhatTheyWaitFor) {
    for (const int workers : {1, 2}) {
        make({.workers = workers});
        EXPECT_EQ(pool->submit(fibonacci, 16).get(), 987U);
    }
}

TEST_P(Clients, OfWorkersRunTasksThatFindNoRoom) {
    const auto parent = [](int children) {
        std::vector<Future<int>> futures;
        for (int i = 0; i < children; ++i) {
            futures.push_back(pinfold::submit(twice, i));
        }
        int sum = 0;
        for (const Future<int>& future : futures) {
            sum += future.get();
        }
        return sum;
    };
    make({.workers = 1});
    EXPECT_EQ(pool->submit(parent, 500).get(), 500 * 499);
}

std::vector<int> long_child(int end) {
    return pinfold::submit(numbers_below, end).get();
}

TEST_P(Clients, OfWorkersReadLongResults) {
    EXPECT_EQ(pool->submit(long_child, 20'000).get(), numbers_below(20'000));
}

TEST_P(Clients, OfWorkersWaitForWhatHooksMake) {
    make({.workers = 1});
    const auto chain = [] {
        const Future<int> made =
            pinfold::submit(twice, 1).then([](int n) { return n + 1; }).then([](int n) {
                return 10 * n;
            });
        return made.get();
    };
    EXPECT_EQ(pool->submit(chain).get(), 30);
}

int too_deep(int depth) {
    try {
        return pinfold::submit(too_deep, depth + 1).get();
    } catch (const pinfold::TaskFailed& failed) {
        throw std::length_error(failed.details().exception_text);
    }
}

TEST_P(Clients, OfWorkersRefuseToLieTooDeepInOneAnother) {
    make({.workers = 1});
    try {
        static_cast<void>(pool->submit(too_deep, 0).get());
        ADD_FAILURE() << "it threw";
    } catch (const pinfold::TaskFailed& failed) {
        EXPECT_NE(failed.details().exception_text.find("deep"), std::string::npos) << failed.what();
    }
    EXPECT_EQ(pool->submit(twice, 3).get(), 6);
}

INSTANTIATE_TEST_SUITE_P(, Clients, ::testing::Values(Crew::threads, Crew::processes), crew_name);

}  // namespace
}  // namespace pinfold::testing
