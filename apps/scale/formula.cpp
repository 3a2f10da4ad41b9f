// A recursive descent: a function for each level of precedence, each of which takes its part off
// the front of the text. `^` binds tightest and to the right.

#include "scale/formula.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace pinfold::apps {

namespace {

constexpr std::string_view workers_name = "{workers}";

// Parentheses nest as deep as the text is long, and each costs stack.
constexpr std::size_t longest_formula = 200;

class Evaluation {
  public:
    Evaluation(std::string_view formula, int workers)
        : formula_(formula), rest_(formula), workers_(workers) {}

    long double value() {
        const long double sum = take_sum();
        if (!rest_.empty()) {
            refuse();
        }
        return sum;
    }

  private:
    [[noreturn]] void refuse() const {
        throw std::invalid_argument(fmt::format(
            "--weak 'n={}' {}: a formula has numbers, {}, + - * / ^, sqrt(), log() and "
            "parentheses",
            formula_,
            rest_.empty() ? "ends too early" : fmt::format("is not understood from '{}' on", rest_),
            workers_name));
    }

    bool take(std::string_view text) {
        while (rest_.starts_with(' ')) {
            rest_.remove_prefix(1);
        }
        if (!rest_.starts_with(text)) {
            return false;
        }
        rest_.remove_prefix(text.size());
        return true;
    }

    long double take_sum() {
        long double sum = take_product();
        while (true) {
            if (take("+")) {
                sum += take_product();
            } else if (take("-")) {
                sum -= take_product();
            } else {
                return sum;
            }
        }
    }

    long double take_product() {
        long double product = take_power();
        while (true) {
            if (take("*")) {
                product *= take_power();
            } else if (take("/")) {
                product /= take_power();
            } else {
                return product;
            }
        }
    }

    long double take_power() {
        const long double base = take_operand();
        return take("^") ? std::pow(base, take_power()) : base;
    }

    long double take_operand() {
        if (take(workers_name)) {
            return workers_;
        }
        if (take("sqrt(")) {
            return std::sqrt(take_inner());
        }
        if (take("log(")) {
            return std::log(take_inner());
        }
        return take("(") ? take_inner() : take_number();
    }

    /// What is behind an open parenthesis, and the closed one.
    long double take_inner() {
        const long double inner = take_sum();
        if (!take(")")) {
            refuse();
        }
        return inner;
    }

    long double take_number() {
        // Underscores stand between digits only, and from_chars knows none.
        std::string digits;
        std::size_t length = 0;
        while (length < rest_.size()) {
            const char c = rest_[length];
            const bool is_sign = (c == '+' || c == '-') && length > 0 &&
                                 (rest_[length - 1] == 'e' || rest_[length - 1] == 'E');
            if (!is_sign && std::string_view("0123456789._eE").find(c) == std::string_view::npos) {
                break;
            }
            digits += c == '_' ? "" : std::string(1, c);
            ++length;
        }
        long double number = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, number);
        if (error != std::errc{} || stop != end) {
            refuse();
        }
        rest_.remove_prefix(length);
        return number;
    }

    std::string_view formula_;
    std::string_view rest_;
    int workers_;
};

}  // namespace

WeakRule::WeakRule(std::string_view rule) {
    if (!rule.starts_with("n=") || rule.size() > longest_formula) {
        throw std::invalid_argument(
            fmt::format("--weak '{}' is not a rule such as 'n=1e8*{}', of up to {} characters",
                        rule, workers_name, longest_formula));
    }
    formula_ = rule.substr(std::string_view("n=").size());
    static_cast<void>(n(1));
    if (formula_.find(workers_name) == std::string::npos) {
        throw std::invalid_argument(
            fmt::format("--weak '{}' has no {}: the work would not grow", rule, workers_name));
    }
}

std::uint64_t WeakRule::n(int workers) const {
    const long double value = std::round(Evaluation(formula_, workers).value());
    constexpr long double beyond = 18446744073709551616.0L;  // 2^64
    if (!(value >= 1 && value < beyond)) {
        throw std::invalid_argument(
            fmt::format("--weak 'n={}' is {} with {} worker{}, not of 1 to 2^64 - 1", formula_,
                        static_cast<double>(value), workers, workers == 1 ? "" : "s"));
    }
    return static_cast<std::uint64_t>(value);
}

}  // namespace pinfold::apps
