// The include rules of docs/architecture.md, as data, checked on every file of the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "source_tree.hpp"

namespace house {
namespace {

struct Rule {
    const char* files;     ///< whose paths match this
    const char* includes;  ///< include nothing that matches this
    const char* why;
};

const std::vector<Rule> rules{
    {"^affinity/", "^pinfold/(?!affinity/)", "affinity uses no other layer"},
    {"^shm/", "^pinfold/(?!shm/)", "shm uses no other layer"},
    {"^kernels/", "^pinfold/(?!kernels/)", "kernels use no other layer"},
    {"^engine/", "^pinfold/kernels/", "the engine does not know what a prime is"},
    {"^kernels/",
     "^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|"
     "pthread\\.h|omp\\.h|tbb/.*|oneapi/.*)$",
     "kernels start no threads and take no locks"},
    {"^kernels/",
     "^(iostream|ostream|istream|fstream|syncstream|filesystem|cstdio|stdio\\.h|unistd\\.h|"
     "fcntl\\.h|sys/(?!mman\\.h).*|fmt/.*)$",  // advice on memory is neither
     "kernels do no input or output"},
    {"^kernels/", "^hwloc", "kernels do not look at the machine's topology"},
    {"^(affinity|shm|kernels|engine)/", "^(pinfold/)?(apps|tests|bench)/",
     "no layer includes what stands on it"},
    {"^(affinity|shm|kernels|engine)/", "^(gtest|gmock|rapidcheck|benchmark|CLI|nlohmann|fmt)/",
     "the library does not need what only the command, the tests and the benches use"},
    {"^(affinity|shm|kernels|engine)/include/", "^(hwloc|tbb/|oneapi/|mpi\\.h|boost/|gmp|sys/)",
     "a public header hides what its layer is built with"},
    {"^", "\\.\\./", "no include climbs out of its folder"},
};

/// What one file of the library layers alone may hold, each a file of its own.
struct Confined {
    const char* what;
    const char* includes;  ///< an include that matches
    const char* code;      ///< or code that matches
};

const std::vector<Confined> confined{
    {"hwloc", "^hwloc", "\\bhwloc_"},
    {"TBB", "^(tbb|oneapi)/", "\\btbb::"},
    {"MPI", "^mpi\\.h", "\\bMPI_"},
    {"fork()", "", "\\b(fork|vfork|clone|clone3)\\s*\\("},
};

const std::vector<std::string> layers{"affinity", "shm", "kernels", "engine"};
const std::vector<std::string> cpp{".cpp", ".hpp"};

bool matches(const std::string& text, const char* pattern) {
    return *pattern != '\0' && std::regex_search(text, std::regex(pattern));
}

std::vector<std::string> violations(const std::vector<SourceFile>& files) {
    std::vector<std::string> found;
    for (const SourceFile& file : files) {
        for (const std::string& included : includes(file.text)) {
            for (const Rule& rule : rules) {
                if (matches(file.path, rule.files) && matches(included, rule.includes)) {
                    found.push_back(file.path + " includes " + included + ": " + rule.why);
                }
            }
        }
    }
    return found;
}

std::vector<std::string> holders(const std::vector<SourceFile>& files, const Confined& thing) {
    std::vector<std::string> found;
    for (const SourceFile& file : files) {
        const std::vector<std::string> included = includes(file.text);
        const bool includes_it =
            std::any_of(included.begin(), included.end(),
                        [&](const std::string& i) { return matches(i, thing.includes); });
        if (includes_it || matches(code_only(file.text), thing.code)) {
            found.push_back(file.path);
        }
    }
    return found;
}

std::string lines(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) {
        text += one + '\n';
    }
    return text;
}

TEST(LayerRules, HoldInTheWholeTree) {
    const auto files =
        read_tree({"affinity", "shm", "kernels", "engine", "apps", "bench", "tests"}, cpp);
    const auto found = violations(files);
    EXPECT_TRUE(found.empty()) << lines(found);
}

TEST(LayerRules, KeepEachDependencyInOneSourceFile) {
    const auto files = read_tree(layers, cpp);
    for (const Confined& thing : confined) {
        const auto found = holders(files, thing);
        EXPECT_LE(found.size(), 1U) << thing.what << " is in\n" << lines(found);
        for (const std::string& path : found) {
            EXPECT_TRUE(path.ends_with(".cpp")) << thing.what << " is in the header " << path;
        }
    }
}

TEST(LayerRules, KnowEveryFolderWithCode) {
    const std::set<std::string> known{"affinity", "shm",   "kernels", "engine",
                                      "apps",     "tests", "bench",   "docs"};
    for (const auto& entry : std::filesystem::directory_iterator(PINFOLD_SOURCE_DIR)) {
        if (std::filesystem::exists(entry.path() / "CMakeLists.txt")) {
            EXPECT_TRUE(known.contains(entry.path().filename())) << entry.path();
        }
    }
}

TEST(LayerRules, KeepHeadersSafeToIncludeTwice) {
    for (const SourceFile& file : read_tree(layers, {".hpp"})) {
        EXPECT_TRUE(file.text.starts_with("#pragma once\n")) << file.path;
    }
}

TEST(LayerRules, CatchAForbiddenInclude) {
    const std::vector<SourceFile> planted{
        {"shm/src/a.cpp", "#include <pinfold/affinity/topology.hpp>\n"},
        {"kernels/src/b.cpp", "int x;\n#include <thread>\n"},
        {"engine/include/pinfold/engine/c.hpp", "  #  include <tbb/task_arena.h>\n"},
        {"engine/src/d.cpp", "#include \"../../apps/shell/d.hpp\"\n"},
        {"shm/src/fine.cpp", "#include <thread>\n#include <pinfold/shm/arena.hpp>\n"},
    };
    EXPECT_EQ(violations(planted).size(), 4U) << lines(violations(planted));
}

TEST(LayerRules, CatchASecondFileThatForks) {
    const std::vector<SourceFile> planted{
        {"engine/src/a.cpp", "int f() { return fork(); }"},
        {"engine/src/b.cpp", "auto g = ::fork ();"},
        {"engine/src/words.cpp",
         "// after fork() ...\nconst char* s = \"fork() failed\"; /* fork() */"},
        {"engine/src/name.cpp", "void fork_worker(int); int pitchfork();"},
    };
    EXPECT_EQ(holders(planted, confined.back()).size(), 2U);
}

TEST(CodeOnly, TakesOutCommentsAndLiteralsAndKeepsLines) {
    EXPECT_EQ(code_only("a // b\nc"), "a \nc");
    EXPECT_EQ(code_only("a /* b\n */ c"), "a \n c");
    EXPECT_EQ(code_only(R"(f("x\"y", '"', 1'000);)"), "f(, , 1'000);");
    EXPECT_EQ(code_only("x = R\"y(\"fork()\")y\" + z"), "x =  + z");
}

}  // namespace
}  // namespace house
