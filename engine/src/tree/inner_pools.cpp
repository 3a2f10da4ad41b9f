#include "tree/inner_pools.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <iterator>

namespace pinfold::detail {

namespace {

struct Runtime {
    const char* user_choice;
    const char* set_threads;
};
constexpr Runtime runtimes[] = {{"OMP_NUM_THREADS", "omp_set_num_threads"},
                                {"OPENBLAS_NUM_THREADS", "openblas_set_num_threads"},
                                {"MKL_NUM_THREADS", "MKL_Set_Num_Threads"}};

}  // namespace

InnerPools::InnerPools() {
    static_assert(std::size(runtimes) == std::tuple_size_v<decltype(set_threads_)>);
    for (std::size_t i = 0; i < set_threads_.size(); ++i) {
        if (std::getenv(runtimes[i].user_choice) == nullptr) {
            set_threads_[i] =
                reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, runtimes[i].set_threads));
        }
    }
}

void InnerPools::limit() const noexcept {
    for (auto* const set_threads : set_threads_) {
        if (set_threads != nullptr) {
            set_threads(1);
        }
    }
}

}  // namespace pinfold::detail
