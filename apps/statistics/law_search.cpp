// Both kinds of data have the same shape: with m(n) = log(den(n) / n), den being the law's
// denominator, a log time is c + m and a throughput exp(c - m). For given contention and crosstalk
// the c with the least squares is a mean, or a quotient of sums, so the search is in two variables.
// The derivative of the sum there needs none of c, which is at its own optimum (G. H. Golub and V.
// Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
// variables separate", SIAM J. Numer. Anal. 10, 1973).
//
// A coefficient x of scale s is searched as u = x s / (1 + x s), between 0 and a limit below 1:
// the flat plain where a coefficient is much too large becomes a slope.

#include "statistics/law_search.hpp"

#include <cmath>

#include "statistics/minimum.hpp"

namespace pinfold::apps {

namespace {

using Group = LawData::Group;

/// m(n) and its derivatives.
struct Shape {
    double log_time = 0;
    double by_contention = 0;
    double by_crosstalk = 0;
};

Shape shape_at(double contention, double crosstalk, double workers) {
    const double others = workers - 1;
    const double pairs = workers * others;
    const double denominator = 1 + contention * others + crosstalk * pairs;
    return {.log_time = std::log(denominator / workers),
            .by_contention = others / denominator,
            .by_crosstalk = pairs / denominator};
}

/// The best c, as of_one: a time or a throughput.
double best_of_one(const LawData& data, double contention, double crosstalk) {
    const bool logs = data.kind == LawData::Kind::log_times;
    double over = 0;
    double under = 0;
    for (const Group& group : data.groups) {
        const double shape = shape_at(contention, crosstalk, group.workers).log_time;
        const double factor = logs ? 1 : std::exp(-shape);
        over += group.weight * factor * (logs ? group.mean - shape : group.mean);
        under += group.weight * factor * factor;
    }
    return logs ? std::exp(over / under) : over / under;
}

/// A coefficient as a variable of the search.
struct Variable {
    double scale = 1;
    double most = 1;

    [[nodiscard]] double limit() const { return from(most); }
    [[nodiscard]] double from(double coefficient) const {
        return coefficient * scale / (1 + coefficient * scale);
    }
    [[nodiscard]] double to(double variable) const { return variable / (1 - variable) / scale; }
    [[nodiscard]] double derivative(double variable) const {
        return 1 / ((1 - variable) * (1 - variable) * scale);
    }
};

/// The sum of squares is divided by this, to be of the order of 1 where nothing is fitted.
double size_of(const LawData& data) {
    const double none = squares_at(data, 0, 0).sum - data.within;
    const double all = squares_at(data, 1, 0).sum - data.within;
    const double size = std::max(none, all);
    return size > 0 ? size : 1;
}

/// A law whose free coefficients are variables.
class Searched {
  public:
    Searched(Law law, const LawData& data, const Held& held, const Coefficients& start)
        : data_(data), through_(held.through), at_(start) {
        const double workers = data.groups.back().workers;
        contention_ = {.scale = workers - 1, .most = 1};
        crosstalk_ = {.scale = workers * (workers - 1), .most = most_crosstalk};
        at_.contention = held.contention.value_or(start.contention);
        at_.crosstalk = law == Law::amdahl ? 0 : held.crosstalk.value_or(start.crosstalk);
        contention_free_ = !held.contention;
        crosstalk_free_ = law == Law::usl && !held.crosstalk;
    }

    [[nodiscard]] Minimum find() {
        std::vector<double> start;
        std::vector<double> limits;
        if (contention_free_) {
            start.push_back(contention_.from(at_.contention));
            limits.push_back(contention_.limit());
        }
        if (crosstalk_free_) {
            start.push_back(crosstalk_.from(at_.crosstalk));
            limits.push_back(crosstalk_.limit());
        }
        const double size = size_of(data_);
        return minimise([&](std::span<const double> at,
                            std::span<double> gradient) { return look(at, gradient, size); },
                        std::move(start), limits);
    }

    /// Moves there.
    const Coefficients& coefficients_at(std::span<const double> at) {
        std::size_t next = 0;
        if (contention_free_) {
            at_.contention = contention_.to(at[next++]);
        }
        if (crosstalk_free_) {
            at_.crosstalk = crosstalk_.to(at[next]);
        }
        return at_;
    }

  private:
    double look(std::span<const double> at, std::span<double> gradient, double size) {
        coefficients_at(at);
        const Squares squares = squares_at(data_, at_.contention, at_.crosstalk, through_);
        std::size_t next = 0;
        if (contention_free_) {
            gradient[next] = squares.by_contention * contention_.derivative(at[next]) / size;
            ++next;
        }
        if (crosstalk_free_) {
            gradient[next] = squares.by_crosstalk * crosstalk_.derivative(at[next]) / size;
        }
        return (squares.sum - data_.within) / size;
    }

    const LawData& data_;
    std::optional<Through> through_;
    Coefficients at_;
    Variable contention_;
    Variable crosstalk_;
    bool contention_free_ = true;
    bool crosstalk_free_ = true;
};

}  // namespace

Squares squares_at(const LawData& data, double contention, double crosstalk,
                   const std::optional<Through>& through) {
    const bool logs = data.kind == LawData::Kind::log_times;
    Shape moved;  // how of_one follows the coefficients
    Squares squares;
    if (through) {
        moved = shape_at(contention, crosstalk, through->workers);
        squares.of_one = logs ? std::exp(through->mean - moved.log_time)
                              : through->mean * std::exp(moved.log_time);
    } else {
        squares.of_one = best_of_one(data, contention, crosstalk);
    }
    squares.sum = data.within;
    for (const Group& group : data.groups) {
        const Shape shape = shape_at(contention, crosstalk, group.workers);
        const double law = logs ? std::log(squares.of_one) + shape.log_time
                                : squares.of_one * std::exp(-shape.log_time);
        const double off = law - group.mean;
        const double slope = 2 * group.weight * off * (logs ? 1 : -law);
        squares.sum += group.weight * off * off;
        squares.by_contention += slope * (shape.by_contention - moved.by_contention);
        squares.by_crosstalk += slope * (shape.by_crosstalk - moved.by_crosstalk);
    }
    return squares;
}

FittedLaw search(Law law, const LawData& data, const Held& held, const Coefficients& start) {
    Searched searched(law, data, held, start);
    const Minimum minimum = searched.find();
    FittedLaw found{.law = law, .at = searched.coefficients_at(minimum.at)};
    const Squares squares = squares_at(data, found.at.contention, found.at.crosstalk, held.through);
    found.squares = squares.sum;
    found.at.of_one = squares.of_one;
    return found;
}

}  // namespace pinfold::apps
