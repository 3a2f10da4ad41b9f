#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// How much work so many workers get with weak scaling: `n=FORMULA`, such as `n=1e8*{workers}`.
///
/// The formula has numbers (1000000, 1_000_000, 1e6, 2.5e9), `{workers}`, + - * / ^, sqrt(), log(),
/// which is the natural one, and parentheses. It is evaluated in long double, which holds the whole
/// numbers up to 2^64 exactly on this architecture, and rounded to a whole number.
class WeakRule {
  public:
    /// Throws std::invalid_argument that says what is wrong with the rule, and where.
    explicit WeakRule(std::string_view rule);

    /// What {n} stands for with that many workers. Throws std::invalid_argument where it is not of
    /// 1 to 2^64 - 1.
    [[nodiscard]] std::uint64_t n(int workers) const;

  private:
    std::string formula_;
};

}  // namespace pinfold::apps
