// What people write first, each once by pinfold's front door and once by oneTBB with its default
// partitioner.

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pinfold/pinfold.hpp>

#include "harness/front_door.hpp"
#include "peers/require.hpp"
#include "peers/tbb_peer.hpp"

namespace bench {
namespace {

using ArenaPointer = std::shared_ptr<pinfold::shm::Arena>;
using Indices = tbb::blocked_range<std::uint64_t>;

/// A number of a sequence that has no pattern, from its place.
[[nodiscard]] std::uint64_t scrambled(std::uint64_t k) {
    k = (k ^ (k >> 30U)) * 0xbf58476d1ce4e5b9U;
    k = (k ^ (k >> 27U)) * 0x94d049bb133111ebU;
    return k ^ (k >> 31U);
}

[[nodiscard]] bool are_near(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
}

/// f of every number below n, added up, by oneTBB.
template <typename R, typename F>
R sum_by_tbb(std::uint64_t n, F f) {
    return tbb::parallel_reduce(
        Indices(0, n), R{},
        [&f](const Indices& part, R sum) {
            for (std::uint64_t k = part.begin(); k < part.end(); ++k) {
                sum = sum + f(k);
            }
            return sum;
        },
        std::plus<>{});
}

/// f of parts that together have every number below n, added up, by oneTBB.
template <typename R, typename F>
R sum_of_parts_by_tbb(std::uint64_t n, F f) {
    return tbb::parallel_reduce(
        Indices(0, n), R{},
        [&f](const Indices& part, const R& sum) { return sum + f(part.begin(), part.end()); },
        std::plus<>{});
}

/// The line through a cloud of points: an element call. A point takes two bytes: with more, the
/// time is that of a cache that fills, which takes some twenty jobs.
class LinearRegression {
    static constexpr std::uint64_t points = 12'000'000;

    struct Point {
        std::uint8_t x, y;
    };

    struct Sums {
        double x = 0, y = 0, xx = 0, xy = 0;

        friend Sums operator+(const Sums& a, const Sums& b) {
            return {a.x + b.x, a.y + b.y, a.xx + b.xx, a.xy + b.xy};
        }
    };

    [[nodiscard]] auto f() const {
        return [all = points_](std::uint64_t k) {
            const double x = all[k].x;
            const double y = all[k].y;
            return Sums{x, y, x * x, x * y};
        };
    }

  public:
    explicit LinearRegression(const ArenaPointer& arena) : points_(arena, points) {
        for (std::uint64_t k = 0; k < points; ++k) {
            const auto x = static_cast<std::uint8_t>(scrambled(k) % 80);
            points_[k] = {x, static_cast<std::uint8_t>(3 * x + 7)};
        }
    }

    [[nodiscard]] double by_pinfold(pinfold::Pool& pool) const {
        return slope(
            pinfold::transform_reduce(pool, pinfold::Range{0, points}, Sums{}, std::plus<>{}, f())
                .value);
    }
    [[nodiscard]] double by_tbb() const { return slope(sum_by_tbb<Sums>(points, f())); }
    [[nodiscard]] static bool is_right(double slope) { return are_near(slope, 3); }

  private:
    [[nodiscard]] static double slope(const Sums& s) {
        const auto n = static_cast<double>(points);
        return (n * s.xy - s.x * s.y) / (n * s.xx - s.x * s.x);
    }

    pinfold::shm::Array<Point> points_;
};

/// How often each value of three colours occurs: a result of 6 KiB for each chunk.
class Histogram {
    static constexpr std::uint64_t pixels = 10'000'000;

    struct Counts {
        std::array<std::uint64_t, 768> of{};

        friend Counts operator+(Counts a, const Counts& b) {
            for (std::size_t i = 0; i < a.of.size(); ++i) {
                a.of[i] += b.of[i];
            }
            return a;
        }
    };

    struct Pixel {
        std::uint8_t red, green, blue;
    };

    [[nodiscard]] auto f() const {
        return [all = pixels_](std::uint64_t begin, std::uint64_t end) {
            Counts counts;
            for (std::uint64_t k = begin; k < end; ++k) {
                ++counts.of[all[k].red];
                ++counts.of[256U + all[k].green];
                ++counts.of[512U + all[k].blue];
            }
            return counts;
        };
    }

  public:
    explicit Histogram(const ArenaPointer& arena) : pixels_(arena, pixels) {
        for (std::uint64_t k = 0; k < pixels; ++k) {
            const std::uint64_t colours = scrambled(k);
            pixels_[k] = {std::uint8_t(colours), std::uint8_t(colours >> 8U),
                          std::uint8_t(colours >> 16U)};
        }
    }

    [[nodiscard]] Counts by_pinfold(pinfold::Pool& pool) const {
        return pinfold::map_reduce(
                   pool, pinfold::Range{0, pixels},
                   [count = f()](const pinfold::Chunk& chunk) {
                       return count(chunk.begin, chunk.begin + chunk.size());
                   },
                   std::plus<>{})
            .value;
    }
    [[nodiscard]] Counts by_tbb() const { return sum_of_parts_by_tbb<Counts>(pixels, f()); }
    [[nodiscard]] static bool is_right(const Counts& counts) {
        std::uint64_t all = 0;
        for (const std::uint64_t count : counts.of) {
            all += count;
        }
        return all == 3 * pixels && counts.of[0] > 0;
    }

  private:
    pinfold::shm::Array<Pixel> pixels_;
};

/// Points in a square, of which a circle's share is counted.
class MonteCarloPi {
  public:
    explicit MonteCarloPi(const ArenaPointer&) {}

    [[nodiscard]] static double by_pinfold(pinfold::Pool& pool) {
        return pi(pinfold::count_if(pool, pinfold::Range{0, points}, is_inside).value);
    }
    [[nodiscard]] static double by_tbb() {
        return pi(sum_by_tbb<std::uint64_t>(
            points, [](std::uint64_t k) { return std::uint64_t{is_inside(k) ? 1U : 0U}; }));
    }
    [[nodiscard]] static bool is_right(double pi) { return std::abs(pi - 3.14159) < 1e-3; }

  private:
    static constexpr std::uint64_t points = 6'000'000;

    static constexpr auto is_inside = [](std::uint64_t k) {
        const std::uint64_t random = scrambled(k + 1);
        const double x = static_cast<double>(random >> 32U) * 0x1p-32;
        const double y = static_cast<double>(random & 0xffffffffU) * 0x1p-32;
        return x * x + y * y < 1;
    };
    [[nodiscard]] static double pi(std::uint64_t inside) {
        return 4 * static_cast<double>(inside) / static_cast<double>(points);
    }
};

/// An image of which some pixels take a hundred times as long as others.
class Mandelbrot {
  public:
    explicit Mandelbrot(const ArenaPointer& arena) : image_(arena, width * height) {}

    [[nodiscard]] std::uint64_t by_pinfold(pinfold::Pool& pool) const {
        pinfold::transform(pool, pinfold::Range{0, width * height}, image_, steps);
        return middle();
    }
    [[nodiscard]] std::uint64_t by_tbb() const {
        tbb::parallel_for(Indices(0, width * height), [image = image_](const Indices& part) {
            for (std::uint64_t k = part.begin(); k < part.end(); ++k) {
                image[k] = steps(k);
            }
        });
        return middle();
    }
    [[nodiscard]] static bool is_right(std::uint64_t middle) { return middle == most_steps; }

  private:
    static constexpr std::uint64_t width = 480;
    static constexpr std::uint64_t height = 320;
    static constexpr std::uint8_t most_steps = 200;

    static constexpr auto steps = [](std::uint64_t pixel) {
        const double x = static_cast<double>(pixel % width) * 3.0 / double{width} - 2;
        const double y = static_cast<double>(pixel / width) * 2.0 / double{height} - 1;
        double re = 0;
        double im = 0;
        std::uint8_t n = 0;
        for (; n < most_steps && re * re + im * im < 4; ++n) {
            const double next = re * re - im * im + x;
            im = 2 * re * im + y;
            re = next;
        }
        return n;
    };
    [[nodiscard]] std::uint64_t middle() const {
        return image_[height / 2 * width + width * 2 / 3];
    }

    pinfold::shm::Array<std::uint8_t> image_;
};

/// A row of the product for each number: few and long elements.
class MatrixMultiply {
    static constexpr std::uint64_t n = 400;

    [[nodiscard]] auto row() const {
        return [a = a_, b = b_, c = c_](std::uint64_t i) {
            std::array<double, n> sums{};
            for (std::uint64_t k = 0; k < n; ++k) {
                for (std::uint64_t j = 0; j < n; ++j) {
                    sums[j] += a[i * n + k] * b[k * n + j];
                }
            }
            std::copy(sums.begin(), sums.end(), c.begin() + i * n);
        };
    }

  public:
    explicit MatrixMultiply(const ArenaPointer& arena)
        : a_(arena, n * n), b_(arena, n * n), c_(arena, n * n) {
        for (std::uint64_t i = 0; i < n; ++i) {
            a_[i * n + i] = 2;
            for (std::uint64_t j = 0; j < n; ++j) {
                b_[i * n + j] = static_cast<double>(i + j);
            }
        }
    }

    [[nodiscard]] double by_pinfold(pinfold::Pool& pool) const {
        pinfold::for_each(pool, pinfold::Range{0, n}, row());
        return c_[n * n - 1];
    }
    [[nodiscard]] double by_tbb() const {
        tbb::parallel_for(Indices(0, n), [row = row()](const Indices& part) {
            for (std::uint64_t i = part.begin(); i < part.end(); ++i) {
                row(i);
            }
        });
        return c_[n * n - 1];
    }
    [[nodiscard]] static bool is_right(double last) { return last == 4 * double{n - 1}; }

  private:
    pinfold::shm::Array<double> a_;
    pinfold::shm::Array<double> b_;
    pinfold::shm::Array<double> c_;
};

/// The sums and products of columns, of which a covariance matrix is made: a result of 1 KiB.
class Pca {
    static constexpr std::uint64_t rows = 200'000;
    static constexpr std::uint64_t columns = 12;

    struct Moments {
        std::array<double, 12> sum{};
        std::array<double, 144> product{};

        friend Moments operator+(Moments a, const Moments& b) {
            for (std::size_t i = 0; i < a.sum.size(); ++i) {
                a.sum[i] += b.sum[i];
            }
            for (std::size_t i = 0; i < a.product.size(); ++i) {
                a.product[i] += b.product[i];
            }
            return a;
        }
    };

    [[nodiscard]] auto f() const {
        return [all = rows_](std::uint64_t begin, std::uint64_t end) {
            Moments moments;
            for (std::uint64_t r = begin; r < end; ++r) {
                const double* const row = all.data() + r * columns;
                for (std::size_t i = 0; i < columns; ++i) {
                    moments.sum[i] += row[i];
                    for (std::size_t j = 0; j < columns; ++j) {
                        moments.product[i * columns + j] += row[i] * row[j];
                    }
                }
            }
            return moments;
        };
    }

  public:
    explicit Pca(const ArenaPointer& arena) : rows_(arena, rows * columns) {
        for (std::uint64_t k = 0; k < rows * columns; ++k) {
            rows_[k] = static_cast<double>(scrambled(k) % 256);
        }
    }

    [[nodiscard]] Moments by_pinfold(pinfold::Pool& pool) const {
        return pinfold::map_reduce(
                   pool, pinfold::Range{0, rows},
                   [moments = f()](const pinfold::Chunk& chunk) {
                       return moments(chunk.begin, chunk.begin + chunk.size());
                   },
                   std::plus<>{})
            .value;
    }
    [[nodiscard]] Moments by_tbb() const { return sum_of_parts_by_tbb<Moments>(rows, f()); }
    [[nodiscard]] static bool is_right(const Moments& moments) {
        return std::abs(moments.sum[3] / double{rows} - 127.5) < 1 && moments.product[13] > 0;
    }

  private:
    pinfold::shm::Array<double> rows_;
};

template <typename Solved>
class ByTbb final : public TbbPeer {
  public:
    ByTbb() : TbbPeer(2) {}

    Partial run(const Work&) override {
        require(problem_.is_right(in_arena([&] { return problem_.by_tbb(); })), "oneTBB's answer");
        return checked_value;
    }

  private:
    Solved problem_{std::make_shared<pinfold::shm::Arena>()};
};

template <typename Solved>
class ByPinfold final : public Runner {
  public:
    explicit ByPinfold(pinfold::Crew crew)
        : pool_({.crew = crew, .workers = 2}), problem_(pool_.arena()) {}

    Partial run(const Work&) override {
        require(problem_.is_right(problem_.by_pinfold(pool_)), "pinfold's answer");
        return checked_value;
    }

  private:
    pinfold::Pool pool_;
    Solved problem_;
};

/// `body(type)`, with the type of that problem.
template <typename Body>
std::unique_ptr<Runner> with_type(Problem problem, Body body) {
    switch (problem) {
        case Problem::linear_regression:
            return body(std::type_identity<LinearRegression>{});
        case Problem::histogram:
            return body(std::type_identity<Histogram>{});
        case Problem::monte_carlo_pi:
            return body(std::type_identity<MonteCarloPi>{});
        case Problem::mandelbrot:
            return body(std::type_identity<Mandelbrot>{});
        case Problem::matrix_multiply:
            return body(std::type_identity<MatrixMultiply>{});
        case Problem::pca:
            return body(std::type_identity<Pca>{});
    }
    return {};
}

}  // namespace

std::unique_ptr<Runner> make_problem(Problem problem, pinfold::Crew crew) {
    return with_type(problem, [crew](auto type) {
        return std::make_unique<ByPinfold<typename decltype(type)::type>>(crew);
    });
}

std::unique_ptr<Runner> make_problem_by_tbb(Problem problem) {
    return with_type(problem, [](auto type) {
        return std::make_unique<ByTbb<typename decltype(type)::type>>();
    });
}

}  // namespace bench
