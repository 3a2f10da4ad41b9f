// The list of layers is read as it says, and what it may not say is refused.
#include "layers.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace house {
namespace {

using Names = std::vector<std::string>;

std::string refusal(const std::string& text) {
    try {
        parse_layers(text);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

TEST(Layers, AreFoldersWithWhatTheyUse) {
    const Layers layers = parse_layers("# layers\n\nlayer a\nlayer b : a\ncode c : any\n");
    EXPECT_EQ(layers.layer_names(), (Names{"a", "b"}));
    EXPECT_EQ(layers.folder_names(), (Names{"a", "b", "c"}));
    EXPECT_EQ(layers.folders[1].uses, Names{"a"});
    EXPECT_TRUE(layers.folders[2].uses_any);
}

TEST(Layers, HavePartsThatNameWhatLiesBesideThem) {
    const Layers layers = parse_layers("layer a\npart a/src/x\npart a/src/y : x\n");
    EXPECT_EQ(layers.parts[1].uses, Names{"a/src/x"});
}

TEST(Layers, HaveRulesOfHeaders) {
    const Layers layers =
        parse_layers("never a ^b why it is so\none c ^d e\\(\none_header f g h\n");
    EXPECT_EQ(layers.nevers.front().who, "a");
    EXPECT_EQ(layers.nevers.front().headers, "^b");
    EXPECT_EQ(layers.nevers.front().why, "why it is so");
    EXPECT_EQ(layers.ones.front().thing, "c");
    EXPECT_EQ(layers.ones.front().code, "e\\(");
    EXPECT_FALSE(layers.ones.front().in_a_header);
    EXPECT_TRUE(layers.ones.back().in_a_header);
}

TEST(Layers, MakeNoCircle) {
    EXPECT_EQ(refusal("layer a : b\nlayer b : a\n"), "\"layer a : b\": b does not stand above it");
    EXPECT_EQ(refusal("layer a\npart a/x : y\npart a/y : x\n"),
              "\"part a/x : y\": a/y does not stand above it");
}

TEST(Layers, AreRefusedWhenTheySayNothing) {
    EXPECT_EQ(refusal("layers a\n"), "\"layers a\": nothing begins with layers");
    EXPECT_EQ(refusal("layer a b\n"), "\"layer a b\": it is not NAME : USED...");
    EXPECT_EQ(refusal("layer a\nlayer a\n"), "\"layer a\": a stands there twice");
    EXPECT_EQ(refusal("part a/x\n"), "\"part a/x\": it is part of nothing that stands above it");
    EXPECT_EQ(refusal("never a ^b\n"), "\"never a ^b\": it ends too early");
}

TEST(Layers, HoldAPathThatLiesBelowThem) {
    const Layers layers = parse_layers("layer a\nlayer ab\npart a/src/x\npart a/src/x/y\n");
    EXPECT_EQ(folder_of(layers.folders, "ab/src/z.cpp")->path, "ab");
    EXPECT_EQ(folder_of(layers.parts, "a/src/x/y/z.cpp")->path, "a/src/x/y");
    EXPECT_EQ(folder_of(layers.parts, "a/src/z.cpp"), nullptr);
}

}  // namespace
}  // namespace house
