#include "study/study.hpp"

namespace pinfold::apps {

std::string Configuration::name() const {
    return series + ", " + std::to_string(workers) + (workers == 1 ? " worker" : " workers");
}

}  // namespace pinfold::apps
