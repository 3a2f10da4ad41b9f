#pragma once

#include <functional>
#include <string>
#include <vector>

#include "study/analysis.hpp"

namespace pinfold::apps {

/// A study that no machine took, and what it says.
struct Synthetic {
    Study study;
    Analysis analysis;
};

/// What a synthetic study is made of.
struct Recipe {
    std::vector<int> workers{1, 2, 4, 8, 16};
    std::vector<std::string> series{"processes, cores", "threads, cores"};
    int samples = 10;
    Scaling scaling = Scaling::strong;
    int cores = 8;
    int cpus = 16;
    int traced_chunks = 2000;  ///< of each series; 0: none is traced
    bool has_base = true;
    std::vector<std::string> command{"prime-sum", "0", "1e11", "--method", "sieve"};
};

/// Times follow the Universal Scalability Law with 3 % of noise; the same recipe gives the same.
[[nodiscard]] Synthetic synthetic_study(const Recipe& recipe);

/// A kind of study that pages are tried with: small, large, weak, hostile and so on.
struct Kind {
    std::string name;
    std::function<Synthetic()> make;
};
[[nodiscard]] std::vector<Kind> all_kinds();

/// The one of that name. Throws std::invalid_argument where there is none.
[[nodiscard]] Synthetic kind_named(const std::string& name);

}  // namespace pinfold::apps
