#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>

#include "statistics/quantiles.hpp"

namespace pinfold::apps {

namespace math = boost::math;

double fair_coin_cdf(int trials, int successes) {
    return math::cdf(math::binomial(trials, 0.5), successes);
}

double fisher_quantile(double probability, double numerator_freedom, double denominator_freedom) {
    return math::quantile(math::fisher_f(numerator_freedom, denominator_freedom), probability);
}

double fisher_tail(double value, double numerator_freedom, double denominator_freedom) {
    return math::cdf(
        math::complement(math::fisher_f(numerator_freedom, denominator_freedom), value));
}

double normal_tail(double value) {
    return math::cdf(math::complement(math::normal(), value));
}

double normal_quantile(double probability) {
    return math::quantile(math::normal(), probability);
}

}  // namespace pinfold::apps
