// Which pages link to an address, by what people build of oneTBB. Addresses are views of the text;
// the pages of an address come in any order.

#include <tbb/concurrent_hash_map.h>
#include <tbb/parallel_for.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "peers/keyed/keyed.hpp"
#include "peers/keyed/thread_tables.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/keyed/tokens.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Pages = std::vector<std::uint32_t>;
using PagesByAddress = std::unordered_map<std::string_view, Pages>;

struct AddressHash {
    static std::size_t hash(std::string_view address) { return hash_of(address); }
    static bool equal(std::string_view a, std::string_view b) { return a == b; }
};
using SharedIndex = tbb::concurrent_hash_map<std::string_view, Pages, AddressHash>;

void append(Pages& into, const Pages& from) {
    into.insert(into.end(), from.begin(), from.end());
}

template <typename Index>
[[nodiscard]] Digest digest_of_index(const Index& index) {
    Digest digest;
    for (const auto& [address, pages] : index) {
        digest.add(address, digest_of_pages(pages));
    }
    return digest;
}

/// `f(lines)` for each chunk of the pages, by oneTBB.
template <typename F>
void for_pages_of_each_chunk(F f) {
    const std::string_view text = html_pages();
    tbb::parallel_for(std::size_t{0}, chunks_of(text),
                      [&](std::size_t number) { f(chunk_of(text, number)); });
}

class IndexInHashMap final : public TimedRunner<TwoOfTbb, SharedIndex> {
    SharedIndex solve() override {
        SharedIndex index;
        in_arena([&] {
            for_pages_of_each_chunk([&](std::string_view lines) {
                for_each_link(lines, [&](std::string_view address, std::uint32_t page) {
                    SharedIndex::accessor entry;
                    index.insert(entry, address);
                    entry->second.push_back(page);
                });
            });
        });
        return index;
    }
    void check(const SharedIndex& index) override {
        require(digest_of_index(index) == expected_links(), "an index in a concurrent_hash_map");
    }
};

class IndexCombined final : public TimedRunner<TwoOfTbb, SharedIndex> {
    SharedIndex solve() override {
        SharedIndex index;
        in_arena([&] {
            for_pages_of_each_chunk([&](std::string_view lines) {
                PagesByAddress own;
                for_each_link(lines, [&](std::string_view address, std::uint32_t page) {
                    own[address].push_back(page);
                });
                for (const auto& [address, pages] : own) {
                    SharedIndex::accessor entry;
                    index.insert(entry, address);
                    append(entry->second, pages);
                }
            });
        });
        return index;
    }
    void check(const SharedIndex& index) override {
        require(digest_of_index(index) == expected_links(), "an index combined a chunk");
    }
};

using IndexTable = PartitionedTable<std::string_view, Pages>;

class IndexInTables final : public TimedRunner<TwoOfTbb, IndexTable> {
    IndexTable solve() override {
        return in_arena([] {
            ThreadTables<std::string_view, Pages> tables;
            for_pages_of_each_chunk([&](std::string_view lines) {
                IndexTable& own = tables.local();
                for_each_link(lines, [&](std::string_view address, std::uint32_t page) {
                    own(address).push_back(page);
                });
            });
            return tables.merged(append);
        });
    }
    void check(const IndexTable& index) override {
        Digest digest;
        index.for_each([&](const auto& e) { digest.add(e.key, digest_of_pages(e.value)); });
        require(digest == expected_links(), "an index in the tables of threads");
    }
};

}  // namespace

const Digest& expected_links() {
    static const Digest digest = [] {
        PagesByAddress index;
        for_each_link(html_pages(), [&](std::string_view address, std::uint32_t page) {
            index[address].push_back(page);
        });
        return digest_of_index(index);
    }();
    return digest;
}

MakeRunner reverse_index_by(KeyedPeer peer) {
    switch (peer) {
        case KeyedPeer::tbb_hash_map:
            return [] { return std::make_unique<IndexInHashMap>(); };
        case KeyedPeer::tbb_combined:
            return [] { return std::make_unique<IndexCombined>(); };
        case KeyedPeer::tbb_tables:
            return [] { return std::make_unique<IndexInTables>(); };
        case KeyedPeer::tbb_partitioned:
        case KeyedPeer::openmp_maps:
            break;
    }
    return {};
}

}  // namespace bench
