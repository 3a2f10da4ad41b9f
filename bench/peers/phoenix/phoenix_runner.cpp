// Phoenix++'s own programs. Each run gets a copy of what its program writes into, off the clock.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/front_door.hpp"
#include "harness/phoenix.hpp"
#include "peers/keyed/inputs.hpp"
#include "peers/phoenix/answers.hpp"
#include "peers/phoenix/inputs.hpp"
#include "peers/phoenix/programs.hpp"

namespace bench {
namespace {

using phoenix::Timed;

[[nodiscard]] std::vector<int> coordinates(const std::vector<Place>& places) {
    std::vector<int> all;
    for (const Place& place : places) {
        all.insert(all.end(), place.begin(), place.end());
    }
    return all;
}

[[nodiscard]] Timed run_matrix_multiply() {
    std::vector<int> a = square_matrix(1, 11);
    std::vector<int> b = square_matrix(2'000'000, 11);
    std::vector<int> product(a.size(), 0);
    Timed timed = phoenix::matrix_multiply(a.data(), b.data(), product.data(), matrix_side);
    SequenceDigest digest;
    for (const int x : product) {
        digest.add(static_cast<std::uint64_t>(x));
    }
    timed.found = {digest.value()};
    return timed;
}

[[nodiscard]] Timed run_pca() {
    std::vector<int> matrix = square_matrix(1, 100);
    return phoenix::pca(matrix.data(), matrix_side, matrix_side);
}

[[nodiscard]] Timed run_string_match() {
    const std::string_view lines = word_lines();
    return phoenix::string_match(const_cast<char*>(lines.data()), lines.size());
}

[[nodiscard]] Timed run_word_count() {
    std::string text(zipf_text());
    const phoenix::TimedWords words = phoenix::word_count(text.data(), text.size());
    SequenceDigest digest;
    std::for_each(words.found.rbegin(), words.found.rend(), [&](const auto& word) {
        digest.add(word.first);
        digest.add(word.second);
    });
    return {words.seconds, {words.found.size(), digest.value()}};
}

[[nodiscard]] Timed run_program(Phoenix workload) {
    switch (workload) {
        case Phoenix::histogram:
            return phoenix::histogram(reinterpret_cast<const char*>(pixels().data()),
                                      pixels().size());
        case Phoenix::kmeans:
            return phoenix::kmeans(coordinates(cluster_points()), coordinates(first_means()),
                                   cluster_rounds);
        case Phoenix::linear_regression:
            return phoenix::linear_regression(reinterpret_cast<const char*>(byte_points().data()),
                                              byte_points().size());
        case Phoenix::matrix_multiply:
            return run_matrix_multiply();
        case Phoenix::pca:
            return run_pca();
        case Phoenix::string_match:
            return run_string_match();
        case Phoenix::word_count:
            return run_word_count();
    }
    return {};
}

class PhoenixRunner final : public Runner {
  public:
    explicit PhoenixRunner(Phoenix workload) : workload_(workload) {}

    Partial run(const Work&) override {
        const Timed timed = run_program(workload_);
        seconds_ = timed.seconds;
        require_same(workload_, timed.found);
        return checked_value;
    }

    [[nodiscard]] double own_seconds() const override { return seconds_; }

  private:
    const Phoenix workload_;
    double seconds_ = 0;
};

}  // namespace

MakeRunner phoenix_program(Phoenix workload) {
    return [workload] { return std::make_unique<PhoenixRunner>(workload); };
}

}  // namespace bench
