// Sorts a file that is larger than the pool's memory: run by run, and then all runs at once.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <string>
#include <vector>

using Numbers = std::vector<std::uint64_t>;
using SortedRuns = pinfold::shm::FileArray<std::uint64_t>;

/// Sorts each run into the same place of another file.
SortedRuns sort_runs(pinfold::Pool& pool, const std::string& from, const std::string& to,
                     std::size_t run) {
    const auto unsorted = pool.file(from).as<std::uint64_t>();
    const SortedRuns runs = pool.file_array<std::uint64_t>(to, unsorted.size());
    for (std::size_t at = 0; at < unsorted.size(); at += run) {
        const std::size_t size = std::min(run, unsorted.size() - at);
        const auto in = pool.array(unsorted.span().subspan(at, size));
        const auto out = pool.array<std::uint64_t>(size);
        pinfold::sort(pool, in, out);
        std::ranges::copy(out, runs.begin() + at);
    }
    return runs;
}

/// Numbers that cut the output into pieces of about `piece` numbers: each run's, one in so many.
Numbers cuts_of(const SortedRuns& runs, std::size_t run, std::size_t piece) {
    const std::size_t pieces = runs.size() / piece + 1;
    const std::size_t step = std::max<std::size_t>(run / pieces, 1);
    Numbers sample;
    for (std::size_t at = 0; at < runs.size(); at += step) {
        sample.push_back(runs[at]);
    }
    std::ranges::sort(sample);
    Numbers cuts{0};
    for (std::size_t i = 1; i < pieces; ++i) {
        cuts.push_back(sample[i * sample.size() / pieces]);
    }
    return cuts;
}

/// The numbers of all runs from one cut to the next, sorted.
struct MergePiece {
    SortedRuns runs;
    pinfold::shm::Array<std::uint64_t> cuts;
    std::size_t run;

    Numbers operator()(const pinfold::Chunk& chunk) const {
        const bool is_last = chunk.begin + 1 == cuts.size();
        Numbers merged;
        for (std::size_t at = 0; at < runs.size(); at += run) {
            const auto sorted = runs.span().subspan(at, std::min(run, runs.size() - at));
            const auto begin = std::ranges::lower_bound(sorted, cuts[chunk.begin]);
            const auto end =
                is_last ? sorted.end() : std::ranges::lower_bound(sorted, cuts[chunk.begin + 1]);
            const auto middle = merged.insert(merged.end(), begin, end);
            std::inplace_merge(merged.begin(), middle, merged.end());
        }
        return merged;
    }
};

/// `run` numbers have room in the pool's memory three times: as they are, sorted, and between.
void sort_file(const std::string& from, const std::string& to, std::size_t run) {
    pinfold::Pool pool({.arena_bytes = 4 * run * sizeof(std::uint64_t) + (16U << 20)});
    const std::string between = to + ".runs";
    const SortedRuns runs = sort_runs(pool, from, between, run);
    const auto cuts = pool.array(cuts_of(runs, run, 64'000));
    std::ofstream out(to, std::ios::binary);
    pinfold::stream(pool, pinfold::Range{0, cuts.size()}, MergePiece{runs, cuts, run},
                    [&out](const Numbers& piece) {
                        const auto bytes = std::as_bytes(std::span(piece));
                        out.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
                    },
                    {.grain = 1, .look_ahead = 8});
    std::remove(between.c_str());
    std::cout << runs.size() << " numbers in " << (runs.size() + run - 1) / run << " runs\n";
}

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: external_sort FROM TO NUMBERS_IN_A_RUN; files of 8-byte numbers\n";
        return EXIT_FAILURE;
    }
    try {
        sort_file(argv[1], argv[2], std::stoul(argv[3]));
    } catch (const std::exception& e) {
        std::cerr << "external_sort: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
