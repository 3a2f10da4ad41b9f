#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "report/drawing/svg.hpp"

namespace pinfold::apps::report {

/// The programs that draw, and how long one drawing may take.
struct Tools {
    std::string gnuplot = "gnuplot";
    std::string lstopo = "lstopo-no-graphics";
    std::string other_lstopo = "lstopo";  ///< where the first one is not there
    std::chrono::milliseconds patience = std::chrono::seconds(20);
};

/// Draws scripts, each with a gnuplot of its own. One that is missing or hangs is asked once.
class Gnuplot {
  public:
    explicit Gnuplot(Tools tools) : tools_(std::move(tools)) {}

    /// Nothing where it fails; problem() then says why.
    [[nodiscard]] std::optional<Drawing> draw(const std::string& script);

    /// What went wrong last, a sentence without its end: "gnuplot was not found".
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    Tools tools_;
    std::string problem_;
    bool is_given_up_ = false;
};

}  // namespace pinfold::apps::report
