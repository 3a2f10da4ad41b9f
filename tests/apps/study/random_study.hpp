#pragma once

#include <rapidcheck.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "study/study_fields.hpp"

namespace pinfold::apps {

/// Makes up each member of a study, so that a new one is tried without being named here.
class RandomStudy {
  public:
    static Study make() {
        Study study;
        fill(study);
        // What programs rely on, and a reader refuses.
        for (Configuration& configuration : study.configurations) {
            configuration.workers = *rc::gen::inRange(1, 2000);
            configuration.work = *rc::gen::inRange(1, 2000);
        }
        const auto any = rc::gen::inRange<std::size_t>(0, study.configurations.size());
        if (study.configurations.empty()) {
            study.samples.clear();
            study.traces.clear();
        }
        for (Sample& sample : study.samples) {
            sample.configuration = *any;
            sample.command_seconds = 1e-3 * *rc::gen::inRange(1, 1'000'000'000);
        }
        for (Trace& trace : study.traces) {
            trace.configuration = *any;
        }
        return study;
    }

  private:
    template <typename T>
    static void fill(T& value) {
        if constexpr (std::is_same_v<T, double>) {
            value = *rc::gen::arbitrary<int>() / 3.0;
        } else if constexpr (std::is_same_v<T, Role>) {
            value = *rc::gen::element(Role::base, Role::crew, Role::peer);
        } else if constexpr (std::is_same_v<T, Scaling>) {
            value = *rc::gen::element(Scaling::strong, Scaling::weak);
        } else if constexpr (std::is_arithmetic_v<T>) {
            value = *rc::gen::arbitrary<T>();
            if constexpr (std::is_same_v<T, int>) {
                value = std::max(value, -std::numeric_limits<int>::max());
            }
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
        } else {
            for_each_member(value, [](const char*, auto& member) { fill(member); });
        }
    }

    template <typename T>
    static void fill(std::optional<T>& value) {
        if (*rc::gen::arbitrary<bool>()) {
            fill(value.emplace());
        }
    }

    template <typename T>
    static void fill(std::vector<T>& values) {
        values.resize(*rc::gen::inRange<std::size_t>(0, 4));
        for (T& value : values) {
            fill(value);
        }
    }

    static void fill(std::vector<std::pair<std::string, std::string>>& variables) {
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
            variables.emplace_back("V" + std::to_string(i), "value " + std::to_string(i));
        }
    }
};

}  // namespace pinfold::apps
