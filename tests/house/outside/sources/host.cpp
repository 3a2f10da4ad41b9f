// host MAKER USER: loads two shared objects that hold the engine each, and lets the second one work
// on pools of the first.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <pinfold/engine/options.hpp>

namespace pinfold {
class Pool;
}

namespace {

template <typename Function>
Function* look_up(void* library, const char* name) {
    void* const found = library == nullptr ? nullptr : dlsym(library, name);
    if (found == nullptr) {
        std::fprintf(stderr, "%s\n", dlerror());
        std::exit(EXIT_FAILURE);
    }
    return reinterpret_cast<Function*>(found);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        return EXIT_FAILURE;
    }
    void* const maker = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    void* const user = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    auto* const make_pool = look_up<pinfold::Pool*(pinfold::Crew)>(maker, "make_pool");
    auto* const end_pool = look_up<void(pinfold::Pool*)>(maker, "end_pool");
    int wrong = 0;
    for (const pinfold::Crew crew :
         {pinfold::Crew::serial, pinfold::Crew::threads, pinfold::Crew::processes}) {
        pinfold::Pool* const pool = make_pool(crew);
        for (const char* const name : {"sum_is_right", "sum_of_sums_is_right", "failure_is_caught",
                                       "array_is_right", "lock_of_the_maker_is_refused"}) {
            const bool right = look_up<bool(pinfold::Pool*)>(user, name)(pool);
            if (!right) {
                std::fprintf(stderr, "%s: no, with crew %d\n", name, static_cast<int>(crew));
                ++wrong;
            }
        }
        end_pool(pool);
    }
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
