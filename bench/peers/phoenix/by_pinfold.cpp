// The workloads of Phoenix++ as one writes them with pinfold: see apps/examples for most.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/phoenix.hpp"
#include "peers/keyed/inputs.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/phoenix/answers.hpp"
#include "peers/phoenix/inputs.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Found = std::vector<std::uint64_t>;

/// Arrays of numbers that are added place by place.
template <std::size_t size>
struct Sums {
    std::array<std::uint64_t, size> of{};

    friend Sums operator+(Sums a, const Sums& b) {
        for (std::size_t i = 0; i < size; ++i) {
            a.of[i] += b.of[i];
        }
        return a;
    }
};

class Histogram {
  public:
    explicit Histogram(pinfold::Pool& pool) : pixels_(pool.array(bench::pixels())) {}

    [[nodiscard]] Sums<768> solve(pinfold::Pool& pool) const {
        return pinfold::map_reduce(pool, pixels_, count, std::plus<>{}).value;
    }
    [[nodiscard]] static Found found(const Sums<768>& counts) {
        return {counts.of.begin(), counts.of.end()};
    }

  private:
    static Sums<768> count(std::span<const Pixel> pixels) {
        Sums<768> counts;
        for (const Pixel& pixel : pixels) {
            ++counts.of[pixel.blue];
            ++counts.of[256U + pixel.green];
            ++counts.of[512U + pixel.red];
        }
        return counts;
    }

    const pinfold::shm::Array<Pixel> pixels_;
};

class LinearRegression {
  public:
    explicit LinearRegression(pinfold::Pool& pool) : points_(pool.array(byte_points())) {}

    [[nodiscard]] Sums<5> solve(pinfold::Pool& pool) const {
        return pinfold::map_reduce(pool, points_, add_up, std::plus<>{}).value;
    }
    [[nodiscard]] static Found found(const Sums<5>& sums) {
        return {sums.of.begin(), sums.of.end()};
    }

  private:
    /// Products of bytes: the sums of so many fit in an int, and are added up by vectors.
    static constexpr std::size_t block = 1U << 16;

    static Sums<5> add_up(std::span<const BytePoint> points) {
        Sums<5> sums;
        while (!points.empty()) {
            const std::size_t size = std::min(block, points.size());
            sums = sums + add_up_block(points.first(size));
            points = points.subspan(size);
        }
        return sums;
    }

    static Sums<5> add_up_block(std::span<const BytePoint> points) {
        int x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (const BytePoint& point : points) {
            x += point.x;
            y += point.y;
            xx += point.x * point.x;
            yy += point.y * point.y;
            xy += point.x * point.y;
        }
        const auto wide = [](int sum) { return static_cast<std::uint64_t>(sum); };
        return {{wide(x), wide(y), wide(xx), wide(yy), wide(xy)}};
    }

    const pinfold::shm::Array<BytePoint> points_;
};

class MatrixMultiply {
  public:
    explicit MatrixMultiply(pinfold::Pool& pool)
        : a_(pool.array(square_matrix(1, 11))),
          b_(pool.array(square_matrix(2'000'000, 11))),
          product_(pool.array<int>(matrix_side * matrix_side)) {}

    [[nodiscard]] bool solve(pinfold::Pool& pool) const {
        pinfold::for_each(pool, pinfold::Range{0, matrix_side},
                          [a = a_, b = b_, product = product_](std::size_t row) {
                              std::array<int, matrix_side> sums{};
                              for (std::size_t k = 0; k < matrix_side; ++k) {
                                  const int factor = a[row * matrix_side + k];
                                  const int* const others = b.data() + k * matrix_side;
                                  for (std::size_t j = 0; j < matrix_side; ++j) {
                                      sums[j] += factor * others[j];
                                  }
                              }
                              std::ranges::copy(sums, product.data() + row * matrix_side);
                          });
        return true;
    }
    [[nodiscard]] Found found(bool) const {
        SequenceDigest digest;
        for (const int x : product_) {
            digest.add(static_cast<std::uint64_t>(x));
        }
        return {digest.value()};
    }

  private:
    const pinfold::shm::Array<int> a_;
    const pinfold::shm::Array<int> b_;
    const pinfold::shm::Array<int> product_;
};

class Pca {
  public:
    explicit Pca(pinfold::Pool& pool)
        : matrix_(pool.array(square_matrix(1, 100))),
          means_(pool.array<std::int64_t>(matrix_side)),
          covariances_(pool.array<std::int64_t>(first_of(matrix_side))) {}

    [[nodiscard]] bool solve(pinfold::Pool& pool) const {
        pinfold::transform(pool, pinfold::Range{0, matrix_side}, means_,
                           [all = matrix_](std::size_t row) {
                               const int* const x = all.data() + row * matrix_side;
                               return std::accumulate(x, x + matrix_side, std::int64_t{0}) /
                                      std::int64_t{matrix_side};
                           });
        pinfold::for_each(pool, pinfold::Range{0, matrix_side},
                          [all = matrix_, means = means_, out = covariances_](std::size_t row) {
                              for (std::size_t other = row; other < matrix_side; ++other) {
                                  out[first_of(row) + other - row] =
                                      covariance(all.span(), means.span(), row, other);
                              }
                          });
        return true;
    }
    [[nodiscard]] Found found(bool) const { return {covariances_.begin(), covariances_.end()}; }

  private:
    /// Where the covariances of a row lie, which begin with its own variance.
    static constexpr std::size_t first_of(std::size_t row) {
        return row * matrix_side - row * (row - 1) / 2;
    }

    static std::int64_t covariance(std::span<const int> all, std::span<const std::int64_t> means,
                                   std::size_t a, std::size_t b) {
        const int* const x = all.data() + a * matrix_side;
        const int* const y = all.data() + b * matrix_side;
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < matrix_side; ++i) {
            sum += (x[i] - means[a]) * (y[i] - means[b]);
        }
        return sum / std::int64_t{matrix_side - 1};
    }

    const pinfold::shm::Array<int> matrix_;
    const pinfold::shm::Array<std::int64_t> means_;
    const pinfold::shm::Array<std::int64_t> covariances_;
};

class StringMatch {
  public:
    explicit StringMatch(pinfold::Pool& pool) : text_(pool.array(word_lines())) {}

    [[nodiscard]] Sums<4> solve(pinfold::Pool& pool) const {
        return pinfold::map_reduce(pool, pinfold::Lines(text_), count, std::plus<>{}).value;
    }
    [[nodiscard]] static Found found(const Sums<4>& counts) {
        return {counts.of.begin(), counts.of.end()};
    }

  private:
    /// A letter as Phoenix++'s program enciphers it.
    static constexpr char enciphered(char c) { return static_cast<char>(c + 5); }

    /// The words that are looked for; a line's bytes are enciphered as they are compared.
    static bool is_match(std::string_view line, std::string_view word) {
        return std::ranges::equal(line, word, {}, enciphered, enciphered);
    }

    static Sums<4> count(const pinfold::ChunkLines& lines) {
        Sums<4> counts;
        for (const std::string_view line : lines) {
            for (std::size_t i = 0; i < four_words.size(); ++i) {
                counts.of[i] += is_match(line, four_words[i]) ? 1U : 0U;
            }
        }
        return counts;
    }

    const pinfold::shm::Array<char> text_;
};

class KMeans {
    using Means = std::array<Place, cluster_count>;
    struct Cloud {
        std::array<std::array<int, 4>, cluster_count> sums{};  ///< of coordinates, and how many
        std::uint64_t moved = 0;

        friend Cloud operator+(Cloud a, const Cloud& b) {
            for (std::size_t c = 0; c < cluster_count; ++c) {
                for (std::size_t i = 0; i < 4; ++i) {
                    a.sums[c][i] += b.sums[c][i];
                }
            }
            a.moved += b.moved;
            return a;
        }
    };

  public:
    explicit KMeans(pinfold::Pool& pool)
        : points_(pool.array(cluster_points())),
          clusters_{pool.array<std::uint32_t>(points_.size()),
                    pool.array<std::uint32_t>(points_.size())} {
        std::ranges::copy(first_means(), first_.begin());
    }

    [[nodiscard]] Means solve(pinfold::Pool& pool) const {
        Means means = first_;
        for (int round = 0; round < cluster_rounds; ++round) {
            const auto& before = clusters_[round % 2 == 0 ? 0U : 1U];
            const auto& after = clusters_[round % 2 == 0 ? 1U : 0U];
            const Cloud cloud =
                pinfold::map_reduce(
                    pool, points_, means,
                    [before, after](const Means& job, std::span<const Place> points,
                                    const pinfold::Chunk& chunk) {
                        const std::uint64_t at = chunk.begin;
                        return assign(job, points, before.data() + at, after.data() + at);
                    },
                    std::plus<>{})
                    .value;
            take(cloud, means);
        }
        return means;
    }
    [[nodiscard]] static Found found(const Means& means) {
        Found all;
        for (const Place& mean : means) {
            all.insert(all.end(), mean.begin(), mean.end());
        }
        return all;
    }

  private:
    static std::uint32_t nearest(const Means& means, const Place& point) {
        unsigned least = std::numeric_limits<unsigned>::max();
        std::uint32_t found = 0;
        for (std::uint32_t c = 0; c < cluster_count; ++c) {
            unsigned distance = 0;
            for (std::size_t i = 0; i < point.size(); ++i) {
                const int difference = point[i] - means[c][i];
                distance += static_cast<unsigned>(difference * difference);
            }
            if (distance < least) {
                least = distance;
                found = c;
            }
        }
        return found;
    }

    static Cloud assign(const Means& means, std::span<const Place> points,
                        const std::uint32_t* before, std::uint32_t* after) {
        Cloud cloud;
        for (std::size_t k = 0; k < points.size(); ++k) {
            after[k] = nearest(means, points[k]);
            cloud.moved += after[k] != before[k] ? 1U : 0U;
            auto& sums = cloud.sums[after[k]];
            for (std::size_t i = 0; i < 3; ++i) {
                sums[i] += points[k][i];
            }
            ++sums[3];
        }
        return cloud;
    }

    static void take(const Cloud& cloud, Means& means) {
        for (std::size_t c = 0; c < cluster_count; ++c) {
            for (std::size_t i = 0; i < 3 && cloud.sums[c][3] > 0; ++i) {
                means[c][i] = cloud.sums[c][i] / cloud.sums[c][3];
            }
        }
    }

    const pinfold::shm::Array<Place> points_;
    const std::array<pinfold::shm::Array<std::uint32_t>, 2> clusters_;
    Means first_{};
};

class WordCount {
    using Words = std::vector<pinfold::KeyedEntry<std::string, std::uint64_t>>;

  public:
    /// The entries see the table's characters.
    struct Sorted {
        pinfold::KeyedTable<std::string, std::uint64_t> table;
        Words words;
    };

    explicit WordCount(pinfold::Pool& pool) : text_(pool.array(zipf_text())) {}

    [[nodiscard]] Sorted solve(pinfold::Pool& pool) const {
        auto table = pinfold::map_reduce_by_key(
                         pool, pinfold::Lines(text_),
                         [](std::string_view text, auto& emit) {
                             static thread_local std::string upper;
                             upper.resize(text.size());
                             std::ranges::transform(text, upper.begin(), in_upper_case);
                             for (const std::string_view word : pinfold::words(upper)) {
                                 emit(word, 1);
                             }
                         },
                         std::plus<>{})
                         .value;
        Words words = table.top(table.size());
        return {std::move(table), std::move(words)};
    }
    [[nodiscard]] static Found found(const Sorted& sorted) {
        SequenceDigest digest;
        for (const auto& [word, count] : sorted.words) {
            digest.add(word);
            digest.add(count);
        }
        return {sorted.words.size(), digest.value()};
    }

  private:
    static constexpr char in_upper_case(char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }

    const pinfold::shm::Array<char> text_;
};

template <typename Workload>
class ByPinfold final
    : public TimedRunner<PoolPeer,
                         decltype(std::declval<Workload>().solve(std::declval<pinfold::Pool&>()))> {
    using Base =
        TimedRunner<PoolPeer,
                    decltype(std::declval<Workload>().solve(std::declval<pinfold::Pool&>()))>;
    using Answer = decltype(std::declval<Workload>().solve(std::declval<pinfold::Pool&>()));

  public:
    ByPinfold(pinfold::Crew crew, Phoenix workload)
        : Base(crew), workload_(workload), solved_(this->pool()) {}

  private:
    Answer solve() override { return solved_.solve(this->pool()); }
    void check(const Answer& answer) override { require_same(workload_, solved_.found(answer)); }

    const Phoenix workload_;
    const Workload solved_;
};

}  // namespace

std::unique_ptr<Runner> make_phoenix_by_pinfold(Phoenix workload, pinfold::Crew crew) {
    switch (workload) {
        case Phoenix::histogram:
            return std::make_unique<ByPinfold<Histogram>>(crew, workload);
        case Phoenix::kmeans:
            return std::make_unique<ByPinfold<KMeans>>(crew, workload);
        case Phoenix::linear_regression:
            return std::make_unique<ByPinfold<LinearRegression>>(crew, workload);
        case Phoenix::matrix_multiply:
            return std::make_unique<ByPinfold<MatrixMultiply>>(crew, workload);
        case Phoenix::pca:
            return std::make_unique<ByPinfold<Pca>>(crew, workload);
        case Phoenix::string_match:
            return std::make_unique<ByPinfold<StringMatch>>(crew, workload);
        case Phoenix::word_count:
            return std::make_unique<ByPinfold<WordCount>>(crew, workload);
    }
    return {};
}

}  // namespace bench
