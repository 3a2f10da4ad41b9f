// Reductions by key as README writes them.

#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>
#include <span>
#include <string>
#include <string_view>

#include "peers/keyed/keyed.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/keyed/tokens.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using WordCounts = pinfold::KeyedTable<std::string, std::uint64_t>;

class Words final : public TimedRunner<PoolPeer, WordCounts> {
  public:
    explicit Words(pinfold::Crew crew) : TimedRunner(crew), text_(pool().array(zipf_text())) {}

  private:
    WordCounts solve() override {
        return pinfold::map_reduce_by_key(
                   pool(), pinfold::Lines(text_),
                   [](std::string_view text, auto& emit) {
                       for (const std::string_view word : pinfold::words(text)) {
                           emit(word, 1);
                       }
                   },
                   std::plus<>{})
            .value;
    }
    void check(const WordCounts& counts) override {
        Digest digest;
        for (const auto& [word, count] : counts) {
            digest.add(word, count);
        }
        require(digest == expected_words(), "pinfold's words");
    }

    const pinfold::shm::Array<char> text_;
};

using RowSums = pinfold::KeyedTable<std::uint32_t, std::uint64_t>;

class Rows final : public TimedRunner<PoolPeer, RowSums> {
  public:
    Rows(pinfold::Crew crew, std::span<const Row> rows)
        : TimedRunner(crew), expected_(expected_sums(rows)), rows_(pool().array(rows)) {}

  private:
    RowSums solve() override {
        return pinfold::map_reduce_by_key<std::uint32_t, std::uint64_t>(
                   pool(), rows_,
                   [](std::span<const Row> rows, auto& emit) {
                       for (const Row& row : rows) {
                           emit(row.key, row.value);
                       }
                   },
                   std::plus<>{})
            .value;
    }
    void check(const RowSums& sums) override {
        Digest digest;
        for (const auto& [key, sum] : sums) {
            digest.add(key, sum);
        }
        require(digest == expected_, "pinfold's rows");
    }

    const Digest expected_;
    const pinfold::shm::Array<Row> rows_;
};

using Index = pinfold::Groups<std::string, std::uint32_t>;

class ReverseIndex final : public TimedRunner<PoolPeer, Index> {
  public:
    explicit ReverseIndex(pinfold::Crew crew)
        : TimedRunner(crew), pages_(pool().array(html_pages())) {}

  private:
    Index solve() override {
        return pinfold::group_by<std::string, std::uint32_t>(
                   pool(), pinfold::Lines(pages_),
                   [](std::string_view lines, auto& emit) {
                       for_each_link(lines, [&emit](std::string_view address, std::uint32_t page) {
                           emit(address, page);
                       });
                   })
            .value;
    }
    void check(const Index& index) override {
        Digest digest;
        for (const auto& [address, pages] : index) {
            digest.add(address, digest_of_pages(pages));
        }
        require(digest == expected_links(), "pinfold's index");
    }

    const pinfold::shm::Array<char> pages_;
};

}  // namespace

std::unique_ptr<Runner> make_keyed(Keyed keyed, pinfold::Crew crew) {
    switch (keyed) {
        case Keyed::word_count:
            return std::make_unique<Words>(crew);
        case Keyed::rows:
        case Keyed::many_keys:
            return std::make_unique<Rows>(crew, rows_of(keyed));
        case Keyed::reverse_index:
            return std::make_unique<ReverseIndex>(crew);
    }
    return {};
}

}  // namespace bench
