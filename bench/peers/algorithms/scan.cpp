// Algorithms that go once over their input, by pinfold, the standard's own with
// std::execution::par, oneTBB and OpenMP.

#include <tbb/blocked_range.h>
#include <tbb/parallel_scan.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <execution>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <span>
#include <type_traits>
#include <vector>

#include "harness/algorithms.hpp"
#include "peers/keyed/inputs.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Number = std::uint64_t;
using Numbers = std::span<const Number>;

/// In shared memory, as a pool's arrays, and written once.
[[nodiscard]] pinfold::shm::Array<Number> shared_output() {
    const auto arena = std::make_shared<pinfold::shm::Arena>();
    return pinfold::shm::Array<Number>(arena, numbers().size());
}

// ---- inclusive_scan

/// Whether these are the sums, by one in some thousand and the step to it.
[[nodiscard]] bool are_sums(Numbers sums) {
    const Numbers in = numbers();
    static const Number all = std::accumulate(in.begin(), in.end(), Number{0});
    bool right = sums.front() == in.front() && sums.back() == all;
    for (std::size_t i = 1; right && i < in.size(); i += 997) {
        right = sums[i] == sums[i - 1] + in[i];
    }
    return right;
}

class ScanByPinfold final : public TimedRunner<PoolPeer, bool> {
  public:
    explicit ScanByPinfold(pinfold::Crew crew)
        : TimedRunner(crew), in_(pool().array(numbers())), out_(pool().array<Number>(in_.size())) {}

  private:
    bool solve() override {
        pinfold::inclusive_scan(pool(), in_, out_);
        return true;
    }
    void check(const bool&) override { require(are_sums(out_.span()), "pinfold's scan"); }

    const pinfold::shm::Array<Number> in_;
    const pinfold::shm::Array<Number> out_;
};

class ScanByTbb final : public TimedRunner<TwoOfTbb, bool> {
    using Indices = tbb::blocked_range<std::size_t>;

    bool solve() override {
        in_arena([in = numbers(), out = out_.span()] {
            const auto add = [in, out](const Indices& part, Number sum, auto is_final) {
                for (std::size_t i = part.begin(); i < part.end(); ++i) {
                    sum += in[i];
                    if constexpr (decltype(is_final)::value) {
                        out[i] = sum;
                    }
                }
                return sum;
            };
            tbb::parallel_scan(
                Indices(0, in.size()), Number{0},
                [&](const Indices& part, Number sum, bool is_final) {
                    return is_final ? add(part, sum, std::true_type{})
                                    : add(part, sum, std::false_type{});
                },
                std::plus<>{});
        });
        return true;
    }
    void check(const bool&) override { require(are_sums(out_.span()), "oneTBB's scan"); }

    const pinfold::shm::Array<Number> out_ = shared_output();
};

class ScanByStd final : public TimedRunner<TwoOfTbb, bool> {
    bool solve() override {
        in_arena([in = numbers(), this] {
            std::inclusive_scan(std::execution::par, in.begin(), in.end(), out_.data());
        });
        return true;
    }
    void check(const bool&) override { require(are_sums(out_.span()), "the standard's scan"); }

    const pinfold::shm::Array<Number> out_ = shared_output();
};

// ---- copy_if

constexpr auto is_kept = [](Number x) { return (x & 1U) != 0; };

[[nodiscard]] bool are_kept(Numbers kept) {
    static const std::vector<Number> all = [] {
        std::vector<Number> copied;
        std::ranges::copy_if(numbers(), std::back_inserter(copied), is_kept);
        return copied;
    }();
    return std::ranges::equal(kept, all);
}

class CopyByPinfold final : public TimedRunner<PoolPeer, pinfold::shm::Array<Number>> {
  public:
    explicit CopyByPinfold(pinfold::Crew crew) : TimedRunner(crew), in_(pool().array(numbers())) {}

  private:
    pinfold::shm::Array<Number> solve() override {
        return pinfold::copy_if(pool(), in_, is_kept).value;
    }
    void check(const pinfold::shm::Array<Number>& kept) override {
        require(are_kept(kept.span()), "pinfold's copies");
    }

    const pinfold::shm::Array<Number> in_;
};

/// What is kept, in memory that has room for all.
struct Copied {
    std::unique_ptr<Number[]> room;
    std::size_t size = 0;
};

class CopyByStd final : public TimedRunner<TwoOfTbb, Copied> {
    Copied solve() override {
        const Numbers in = numbers();
        Copied copied{std::make_unique_for_overwrite<Number[]>(in.size()), 0};
        in_arena([&] {
            Number* const end =
                std::copy_if(std::execution::par, in.begin(), in.end(), copied.room.get(), is_kept);
            copied.size = static_cast<std::size_t>(end - copied.room.get());
        });
        return copied;
    }
    void check(const Copied& copied) override {
        require(are_kept({copied.room.get(), copied.size}), "the standard's copies");
    }
};

class CopyByStdReused final : public TimedRunner<TwoOfTbb, std::size_t> {
    std::size_t solve() override {
        return in_arena([in = numbers(), this] {
            const Number* const end =
                std::copy_if(std::execution::par, in.begin(), in.end(), out_.data(), is_kept);
            return static_cast<std::size_t>(end - out_.data());
        });
    }
    void check(const std::size_t& size) override {
        require(are_kept(out_.span().first(size)), "the standard's copies");
    }

    const pinfold::shm::Array<Number> out_ = shared_output();
};

// ---- find_if

[[nodiscard]] std::size_t wanted_place() {
    return numbers().size() / 4 * 3;
}

class FindByPinfold final : public TimedRunner<PoolPeer, std::uint64_t> {
  public:
    explicit FindByPinfold(pinfold::Crew crew) : TimedRunner(crew), in_(pool().array(numbers())) {}

  private:
    std::uint64_t solve() override {
        const Number wanted = numbers()[wanted_place()];
        return pinfold::find_if(pool(), in_, [wanted](Number x) { return x == wanted; }).value->at;
    }
    void check(const std::uint64_t& place) override {
        require(place == wanted_place(), "the place that pinfold finds");
    }

    const pinfold::shm::Array<Number> in_;
};

class FindByStd final : public TimedRunner<TwoOfTbb, std::size_t> {
    std::size_t solve() override {
        return in_arena([in = numbers()] {
            const Number wanted = in[wanted_place()];
            const auto found = std::find_if(std::execution::par, in.begin(), in.end(),
                                            [wanted](Number x) { return x == wanted; });
            return static_cast<std::size_t>(found - in.begin());
        });
    }
    void check(const std::size_t& place) override {
        require(place == wanted_place(), "the place that the standard finds");
    }
};

// ---- histogram

constexpr std::uint64_t bins = 256;

[[nodiscard]] std::uint64_t bin_of(Number x) {
    return x >> 56U;
}

using Counts = std::vector<std::uint64_t>;

[[nodiscard]] const Counts& expected_counts() {
    static const Counts counts = [] {
        Counts all(bins);
        for (const Number x : numbers()) {
            ++all[bin_of(x)];
        }
        return all;
    }();
    return counts;
}

class HistogramByPinfold final : public TimedRunner<PoolPeer, Counts> {
  public:
    explicit HistogramByPinfold(pinfold::Crew crew)
        : TimedRunner(crew), in_(pool().array(numbers())) {}

  private:
    Counts solve() override {
        const auto found =
            pinfold::histogram(pool(), in_, bins, [](Number x) { return bin_of(x); }).value;
        return {found.counts.begin(), found.counts.end()};
    }
    void check(const Counts& counts) override {
        require(counts == expected_counts(), "pinfold's histogram");
    }

    const pinfold::shm::Array<Number> in_;
};

class HistogramByOpenMp final : public TimedRunner<TwoOfOpenMp, Counts> {
    Counts solve() override {
        Counts counts(bins);
        std::uint64_t* const of = counts.data();
        const Numbers in = numbers();
#pragma omp parallel for num_threads(2) reduction(+ : of[:bins])
        for (std::size_t i = 0; i < in.size(); ++i) {
            ++of[bin_of(in[i])];
        }
        return counts;
    }
    void check(const Counts& counts) override {
        require(counts == expected_counts(), "OpenMP's histogram");
    }
};

template <typename Peer, typename... Arguments>
MakeRunner maker(Arguments... arguments) {
    return [arguments...] { return std::make_unique<Peer>(arguments...); };
}

}  // namespace

std::unique_ptr<Runner> make_scan(Scan scan, pinfold::Crew crew) {
    switch (scan) {
        case Scan::inclusive_scan:
            return std::make_unique<ScanByPinfold>(crew);
        case Scan::copy_if:
            return std::make_unique<CopyByPinfold>(crew);
        case Scan::find_if:
            return std::make_unique<FindByPinfold>(crew);
        case Scan::histogram:
            return std::make_unique<HistogramByPinfold>(crew);
    }
    return {};
}

MakeRunner scan_by(Scan scan, ScanPeer peer) {
    switch (peer) {
        case ScanPeer::tbb:
            return scan == Scan::inclusive_scan ? maker<ScanByTbb>() : MakeRunner{};
        case ScanPeer::std_par:
            return scan == Scan::inclusive_scan ? maker<ScanByStd>()
                   : scan == Scan::copy_if      ? maker<CopyByStd>()
                   : scan == Scan::find_if      ? maker<FindByStd>()
                                                : MakeRunner{};
        case ScanPeer::std_par_reused:
            return scan == Scan::copy_if ? maker<CopyByStdReused>() : MakeRunner{};
        case ScanPeer::openmp:
            return scan == Scan::histogram ? maker<HistogramByOpenMp>() : MakeRunner{};
    }
    return {};
}

}  // namespace bench
