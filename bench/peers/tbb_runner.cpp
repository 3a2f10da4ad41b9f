#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include <functional>
#include <numeric>
#include <vector>

#include "harness/runners.hpp"
#include "peers/tbb_peer.hpp"

namespace bench {
namespace {

using Indices = tbb::blocked_range<std::uint64_t>;

class TbbReduce final : public TbbPeer {
  public:
    using TbbPeer::TbbPeer;

    Partial run(const Work& work) override {
        return with_map(work, [&](auto map) {
            const auto map_all = [map = counted(map)](const Indices& indices, Partial partial) {
                for (std::uint64_t i = indices.begin(); i < indices.end(); ++i) {
                    partial = partial + map(i);
                }
                return partial;
            };
            return in_arena([&] {
                return tbb::parallel_deterministic_reduce(Indices(0, work.chunks, 1), Partial{},
                                                          map_all, std::plus<>{},
                                                          tbb::simple_partitioner{});
            });
        });
    }
};

class TbbFor final : public TbbPeer {
  public:
    using TbbPeer::TbbPeer;

    Partial run(const Work& work) override {
        results_.resize(work.chunks);
        return with_map(work, [&](auto map) {
            in_arena([&] { fill(work.chunks, counted(map)); });
            return std::accumulate(results_.begin(), results_.end(), Partial{});
        });
    }

  private:
    template <typename Map>
    void fill(std::uint64_t chunks, Map map) {
        tbb::parallel_for(
            Indices(0, chunks, 1),
            [&](const Indices& indices) {
                for (std::uint64_t i = indices.begin(); i < indices.end(); ++i) {
                    results_[i] = map(i);
                }
            },
            tbb::simple_partitioner{});
    }

    std::vector<Partial> results_;
};

}  // namespace

std::unique_ptr<Runner> make_tbb_reduce(int threads) {
    return std::make_unique<TbbReduce>(threads);
}

std::unique_ptr<Runner> make_tbb_for(int threads) {
    return std::make_unique<TbbFor>(threads);
}

}  // namespace bench
