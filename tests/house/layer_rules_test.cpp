// The rules of cmake/layers.txt, checked on every file of the tree.
#include "layer_rules.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace house {
namespace {

const std::vector<std::string> cpp{".cpp", ".hpp"};

TEST(LayerRules, HoldInTheWholeTree) {
    const Layers layers = layers_of_the_tree();
    const auto found = violations(layers, read_tree(layers.folder_names(), cpp));
    EXPECT_TRUE(found.empty()) << lines(found);
}

TEST(LayerRules, KnowEveryFolderWithCode) {
    const Layers layers = layers_of_the_tree();
    std::vector<SourceFile> top_folders;
    for (const auto& entry : std::filesystem::directory_iterator(PINFOLD_SOURCE_DIR)) {
        if (std::filesystem::exists(entry.path() / "CMakeLists.txt")) {
            top_folders.push_back({entry.path().filename().string() + "/CMakeLists.txt", ""});
        }
    }
    for (const auto& files : {top_folders, read_tree(layers.folder_names(), cpp)}) {
        const auto found = unknown_places(layers, files);
        EXPECT_TRUE(found.empty()) << "cmake/layers.txt does not name the place of\n"
                                   << lines(found);
    }
    for (const Folder& part : layers.parts) {
        EXPECT_TRUE(std::filesystem::exists(PINFOLD_SOURCE_DIR "/" + part.path))
            << "cmake/layers.txt names " << part.path;
    }
}

TEST(LayerRules, KeepEachDependencyInOneFile) {
    const Layers layers = layers_of_the_tree();
    const auto files = read_tree(layers.layer_names(), cpp);
    for (const One& thing : layers.ones) {
        const auto found = holders(thing, files);
        EXPECT_LE(found.size(), 1U) << thing.thing << " is in\n" << lines(found);
        for (const std::string& path : found) {
            EXPECT_TRUE(path.ends_with(thing.in_a_header ? ".hpp" : ".cpp"))
                << thing.thing << " is in " << path;
        }
    }
}

TEST(LayerRules, KeepHeadersSafeToIncludeTwice) {
    for (const SourceFile& file : read_tree(layers_of_the_tree().layer_names(), {".hpp"})) {
        EXPECT_TRUE(file.text.starts_with("#pragma once\n")) << file.path;
    }
}

// The crash-point tests compile once more the sources that name it, and no header.
TEST(LayerRules, LetSourcesAloneSeeTheStepsOfTheClaimLoop) {
    for (const SourceFile& file : read_tree({"engine"}, {".hpp"})) {
        for (const std::string& include : includes(file.text)) {
            EXPECT_FALSE(include.ends_with("reached.hpp")) << file.path;
        }
    }
}

TEST(LayerRules, CatchAForbiddenInclude) {
    const std::vector<SourceFile> planted{
        {"shm/src/a.cpp", "#include <pinfold/affinity/topology.hpp>\n"},
        {"kernels/src/b.cpp", "int x;\n#include <thread>\n"},
        {"engine/include/pinfold/engine/c.hpp", "  #  include <tbb/task_arena.h>\n"},
        {"engine/src/d.cpp", "#include \"../../apps/src/d.hpp\"\n"},
        {"engine/src/e.cpp", "#include <pinfold/kernels/is_prime.hpp>\n"},
        {"shm/src/fine.cpp", "#include <thread>\n#include <pinfold/shm/arena.hpp>\n"},
    };
    const auto found = violations(layers_of_the_tree(), planted);
    EXPECT_EQ(found.size(), 5U) << lines(found);
}

TEST(LayerRules, CatchAnIncludeAgainstAnArrowBetweenParts) {
    const Layers layers = parse_layers("layer a\npart a/src/x\npart a/src/y : x\n");
    const std::vector<SourceFile> planted{
        {"a/src/x/one.cpp", "#include \"y/two.hpp\"\n"},
        {"a/src/x/two.cpp", "#include \"beside.hpp\"\n"},
        {"a/src/y/two.hpp", "#include \"x/three.hpp\"\n"},
        {"a/src/x/three.hpp", "#include <string>\n"},
        {"a/src/beside.hpp", "#include \"y/two.hpp\"\n"},
    };
    EXPECT_EQ(
        violations(layers, planted),
        (std::vector<std::string>{
            "a/src/x/one.cpp > a/src/y/two.hpp: a/src/x may not use a/src/y",
            "a/src/x/two.cpp > a/src/beside.hpp > a/src/y/two.hpp: a/src/x may not use a/src/y",
        }));
}

TEST(LayerRules, CatchOtherCodeBelowALayer) {
    const Layers layers = parse_layers("layer a\ncode b : a\ncode c : any\n");
    const std::vector<SourceFile> planted{
        {"a/src/one.cpp", "#include \"two.hpp\"\n"},
        {"b/two.hpp", "#include \"three.hpp\"\n"},
        {"c/three.hpp", "#include \"two.hpp\"\n"},
    };
    EXPECT_EQ(violations(layers, planted), (std::vector<std::string>{
                                               "a/src/one.cpp > b/two.hpp: a may not use b",
                                               "b/two.hpp > c/three.hpp: b may not use c",
                                           }));
}

TEST(LayerRules, CatchAFolderThatTheListDoesNotName) {
    const Layers layers = parse_layers("layer a\npart a/src/x\ncode b : any\n");
    const std::vector<SourceFile> planted{
        {"a/include/pinfold/a/detail/fine.hpp", ""},
        {"a/include/pinfold/pinfold.hpp", ""},
        {"a/include/pinfold/unknown.hpp", ""},
        {"a/src/fine.cpp", ""},
        {"a/src/x/fine.cpp", ""},
        {"a/src/y/unknown.cpp", ""},
        {"b/deep/fine.cpp", ""},
        {"c/unknown.cpp", ""},
    };
    EXPECT_EQ(unknown_places(layers, planted),
              (std::vector<std::string>{"a/include/pinfold/unknown.hpp", "a/src/y/unknown.cpp",
                                        "c/unknown.cpp"}));
}

TEST(LayerRules, CatchASecondFileThatForks) {
    const std::vector<SourceFile> planted{
        {"engine/src/a.cpp", "int f() { return fork(); }"},
        {"engine/src/b.cpp", "auto g = ::fork ();"},
        {"engine/src/words.cpp",
         "// after fork() ...\nconst char* s = \"fork() failed\"; /* fork() */"},
        {"engine/src/name.cpp", "void fork_worker(int); int pitchfork();"},
    };
    EXPECT_EQ(holders(layers_of_the_tree().ones.back(), planted).size(), 2U);
}

TEST(CodeOnly, TakesOutCommentsAndLiteralsAndKeepsLines) {
    EXPECT_EQ(code_only("a // b\nc"), "a \nc");
    EXPECT_EQ(code_only("a /* b\n */ c"), "a \n c");
    EXPECT_EQ(code_only(R"(f("x\"y", '"', 1'000);)"), "f(, , 1'000);");
    EXPECT_EQ(code_only("x = R\"y(\"fork()\")y\" + z"), "x =  + z");
    EXPECT_EQ(code_only("#pragma a(\"b \\\n c\")"), "#pragma a(\\\n)");
}

}  // namespace
}  // namespace house
