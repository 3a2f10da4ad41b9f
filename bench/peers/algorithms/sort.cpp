// Sorts and the greatest elements, by pinfold, the standard's own with std::execution::par, and
// oneTBB.

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <execution>
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>
#include <span>
#include <utility>
#include <vector>

#include "harness/algorithms.hpp"
#include "peers/keyed/digest.hpp"
#include "peers/keyed/inputs.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Number = std::uint64_t;
using Numbers = std::span<const Number>;

template <typename T>
[[nodiscard]] pinfold::shm::Array<T> in_shared_memory(std::span<const T> content) {
    const pinfold::shm::Array<T> copy(std::make_shared<pinfold::shm::Arena>(), content.size());
    std::ranges::copy(content, copy.begin());
    return copy;
}

/// Numbers in any order, in one: a sorted array with the input's is its permutation.
[[nodiscard]] Number sum_of(Numbers all) {
    Number sum = 0;
    for (const Number x : all) {
        sum += mixed(x);
    }
    return sum;
}

[[nodiscard]] bool is_sorted_input(Numbers sorted) {
    static const Number wanted = sum_of(numbers());
    return std::ranges::is_sorted(sorted) && sum_of(sorted) == wanted;
}

// ---- sort

class SortByPinfold final : public TimedRunner<PoolPeer, bool> {
  public:
    explicit SortByPinfold(pinfold::Crew crew)
        : TimedRunner(crew), in_(pool().array(numbers())), out_(pool().array<Number>(in_.size())) {}

  private:
    bool solve() override {
        pinfold::sort(pool(), in_, out_);
        return true;
    }
    void check(const bool&) override { require(is_sorted_input(out_.span()), "pinfold's sort"); }

    const pinfold::shm::Array<Number> in_;
    const pinfold::shm::Array<Number> out_;
};

/// Sorts in place, as these peers do; each job gets the numbers anew, off the clock.
template <bool is_stable>
class SortInPlace final : public TimedRunner<TwoOfTbb, bool> {
    void prepare() override { std::ranges::copy(numbers(), sorted_.begin()); }
    bool solve() override {
        in_arena([all = sorted_.span()] {
            if constexpr (is_stable) {
                std::stable_sort(std::execution::par, all.begin(), all.end());
            } else {
                tbb::parallel_sort(all.begin(), all.end());
            }
        });
        return true;
    }
    void check(const bool&) override { require(is_sorted_input(sorted_.span()), "a peer's sort"); }

    const pinfold::shm::Array<Number> sorted_ = in_shared_memory(numbers());
};

// ---- sort_by_key

struct Pair {
    std::uint32_t key;
    std::uint32_t value;
};

/// 3 * 10^7 rows; keys occur some thirty times each.
[[nodiscard]] std::span<const Row> pairs() {
    return rows(30'000'000, 999'983);
}

/// Keys and their values, in this order, in one number.
template <typename At>
[[nodiscard]] Number digest_in_order(std::size_t size, At at) {
    Number hash = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Pair pair = at(i);
        hash = hash * 0x100000001b3U + mixed((Number{pair.key} << 32U) + pair.value);
    }
    return hash;
}

[[nodiscard]] Number expected_pairs() {
    static const Number digest = [] {
        std::vector<Row> sorted(pairs().begin(), pairs().end());
        std::ranges::stable_sort(sorted, {}, &Row::key);
        return digest_in_order(sorted.size(), [&](std::size_t i) {
            return Pair{sorted[i].key, sorted[i].value};
        });
    }();
    return digest;
}

/// The two columns, in and out.
struct Columns {
    pinfold::shm::Array<std::uint32_t> keys, values, keys_out, values_out;

    explicit Columns(const std::shared_ptr<pinfold::shm::Arena>& arena)
        : keys(arena, pairs().size()),
          values(arena, pairs().size()),
          keys_out(arena, pairs().size()),
          values_out(arena, pairs().size()) {
        for (std::size_t i = 0; i < pairs().size(); ++i) {
            keys[i] = pairs()[i].key;
            values[i] = pairs()[i].value;
        }
    }
    [[nodiscard]] bool are_right() const {
        return expected_pairs() == digest_in_order(keys.size(), [this](std::size_t i) {
                   return Pair{keys_out[i], values_out[i]};
               });
    }
};

class SortByKeyByPinfold final : public TimedRunner<PoolPeer, bool> {
  public:
    explicit SortByKeyByPinfold(pinfold::Crew crew) : TimedRunner(crew), columns_(pool().arena()) {}

  private:
    bool solve() override {
        pinfold::sort_by_key(pool(), columns_.keys, columns_.values, columns_.keys_out,
                             columns_.values_out);
        return true;
    }
    void check(const bool&) override { require(columns_.are_right(), "pinfold's sort by key"); }

    const Columns columns_;
};

/// Zips the columns, sorts the pairs and parts them again, on all threads.
class SortPairs final : public TimedRunner<TwoOfTbb, bool> {
    bool solve() override {
        in_arena([this] {
            const std::size_t size = columns_.keys.size();
            const auto all = std::make_unique_for_overwrite<Pair[]>(size);
            tbb::parallel_for(std::size_t{0}, size, [&](std::size_t i) {
                all[i] = {columns_.keys[i], columns_.values[i]};
            });
            std::stable_sort(std::execution::par, all.get(), all.get() + size,
                             [](const Pair& a, const Pair& b) { return a.key < b.key; });
            tbb::parallel_for(std::size_t{0}, size, [&](std::size_t i) {
                columns_.keys_out[i] = all[i].key;
                columns_.values_out[i] = all[i].value;
            });
        });
        return true;
    }
    void check(const bool&) override { require(columns_.are_right(), "a peer's sort of pairs"); }

    const Columns columns_{std::make_shared<pinfold::shm::Arena>()};
};

// ---- top_k

constexpr std::size_t most = 1000;

[[nodiscard]] const std::vector<Number>& expected_top() {
    static const std::vector<Number> top = [] {
        std::vector<Number> all(numbers().begin(), numbers().end());
        std::ranges::sort(all, std::greater<>{});
        all.resize(std::min(most, all.size()));
        return all;
    }();
    return top;
}

class TopByPinfold final : public TimedRunner<PoolPeer, std::vector<Number>> {
  public:
    explicit TopByPinfold(pinfold::Crew crew) : TimedRunner(crew), in_(pool().array(numbers())) {}

  private:
    std::vector<Number> solve() override { return pinfold::top_k(pool(), in_, most).value; }
    void check(const std::vector<Number>& top) override {
        require(top == expected_top(), "pinfold's greatest");
    }

    const pinfold::shm::Array<Number> in_;
};

class TopByStd final : public TimedRunner<TwoOfTbb, std::vector<Number>> {
    std::vector<Number> solve() override {
        std::vector<Number> top(std::min(most, numbers().size()));
        std::ranges::partial_sort_copy(numbers(), top, std::greater<>{});
        return top;
    }
    void check(const std::vector<Number>& top) override {
        require(top == expected_top(), "the standard's greatest");
    }
};

template <typename Peer>
MakeRunner sorter() {
    return [] { return std::make_unique<Peer>(); };
}

}  // namespace

std::unique_ptr<Runner> make_order(Order order, pinfold::Crew crew) {
    switch (order) {
        case Order::sort:
            return std::make_unique<SortByPinfold>(crew);
        case Order::sort_by_key:
            return std::make_unique<SortByKeyByPinfold>(crew);
        case Order::top_k:
            return std::make_unique<TopByPinfold>(crew);
    }
    return {};
}

MakeRunner order_by(Order order, OrderPeer peer) {
    switch (order) {
        case Order::sort:
            return peer == OrderPeer::std_stable_par ? sorter<SortInPlace<true>>()
                   : peer == OrderPeer::tbb          ? sorter<SortInPlace<false>>()
                                                     : MakeRunner{};
        case Order::sort_by_key:
            return peer == OrderPeer::std_stable_par ? sorter<SortPairs>() : MakeRunner{};
        case Order::top_k:
            return peer == OrderPeer::std_partial ? sorter<TopByStd>() : MakeRunner{};
    }
    return {};
}

}  // namespace bench
