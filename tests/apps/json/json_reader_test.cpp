#include "json/json_reader.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

template <typename Look>
std::string refusal(Look look) {
    try {
        look();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

JsonReader read(std::string_view text) {
    return JsonReader::parse(text, "a.json");
}

TEST(JsonReader, ReadsEachKindOfValue) {
    const JsonReader json =
        read(R"({"n":18446744073709551615,"x":[0.5,"t",true,null],"o":{"a":1,"b":2}})");
    EXPECT_EQ(json["n"].count(), 18446744073709551615U);
    EXPECT_EQ(json["x"][0].number(), 0.5);
    EXPECT_EQ(json["x"][1].text(), "t");
    EXPECT_TRUE(json["x"][2].truth());
    EXPECT_TRUE(json["x"][3].is_null());
    EXPECT_EQ(json["x"].elements().size(), 4U);
    EXPECT_EQ(json["o"].members().at(1).first, "b");
    EXPECT_EQ(json["o"].members().at(1).second.count(), 2U);
    EXPECT_TRUE(json.has("o"));
    EXPECT_FALSE(json.has("p"));
    EXPECT_EQ(json["o"].dump(), R"({"a":1,"b":2})");
}

TEST(JsonReader, OutlivesTheValueThatItCameFrom) {
    const JsonReader inner = read(R"({"a":{"b":["c"]}})")["a"]["b"][0];
    EXPECT_EQ(inner.text(), "c");
}

TEST(JsonReader, NamesTheTextThePlaceAndTheFault) {
    const JsonReader json = read(R"({"samples":[{"seconds":"1"},{"runs":-1}]})");
    EXPECT_EQ(refusal([&] { (void)json["samples"][0]["seconds"].number(); }),
              "a.json: samples[0].seconds is no number");
    EXPECT_EQ(refusal([&] { (void)json["samples"][1]["runs"].count(); }),
              "a.json: samples[1].runs is no whole number from 0 on");
    EXPECT_EQ(refusal([&] { (void)json["samples"][2]; }),
              "a.json: samples has 2 elements and no element 2");
    EXPECT_EQ(refusal([&] { (void)json["seed"]; }), "a.json: it has no member \"seed\"");
    EXPECT_EQ(refusal([&] { (void)json["samples"]["seed"]; }), "a.json: samples is no object");
    EXPECT_EQ(refusal([&] { (void)json[0]; }), "a.json: it is no array");
}

TEST(JsonReader, RefusesWhatIsNoJson) {
    for (const char* text : {"", "{", "[1,]", "{\"a\":1}x", "\xff", "nan"}) {
        EXPECT_TRUE(refusal([&] { (void)read(text); }).starts_with("a.json is no JSON: ")) << text;
    }
}

TEST(JsonReader, RefusesANumberThatNoDoubleHolds) {
    EXPECT_NE(
        refusal([] { static_cast<void>(read(R"({"n":1e999})")); }).find("a.json is no JSON: "),
        std::string::npos);
}

TEST(JsonReader, ReadsWholeNumbersThatFit) {
    EXPECT_EQ(read("-3").integer(), -3);
    EXPECT_EQ(read("2147483647").integer(), 2147483647);
    for (const char* const other : {"2147483648", "-2147483648", "1.5", "18446744073709551615"}) {
        EXPECT_EQ(refusal([&] { static_cast<void>(read(other).integer()); }),
                  "a.json: it is no whole number from -2147483647 to 2147483647");
    }
}

}  // namespace
}  // namespace pinfold::apps
