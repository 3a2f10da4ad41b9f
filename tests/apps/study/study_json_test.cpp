#include "study/study_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <stdexcept>
#include <string>

#include "random_study.hpp"

namespace pinfold::apps {
namespace {

std::string refusal_of(const std::string& text) {
    try {
        static_cast<void>(parse_study(text, "s.json"));
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

Study small_study() {
    Study study;
    study.configurations = {{.series = "processes, cores", .command = {"true"}}};
    study.samples = {{.command_seconds = 1.5}};
    return study;
}

std::string with(std::string text, const std::string& part, const std::string& other) {
    const std::size_t at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return text.replace(at, part.size(), other);
}

RC_GTEST_PROP(StudyJson, GivesBackWhatWasWritten, ()) {
    const Study study = RandomStudy::make();
    RC_ASSERT(parse_study(to_json(study), "s.json") == study);
}

RC_GTEST_PROP(StudyJson, RefusesATextThatIsCutAnywhere, ()) {
    const std::string text = to_json(RandomStudy::make());
    const auto length = *rc::gen::inRange<std::size_t>(0, text.size() - 1);
    RC_ASSERT_THROWS_AS(static_cast<void>(parse_study(text.substr(0, length), "s.json")),
                        std::invalid_argument);
}

TEST(StudyJson, LeavesOutWhatNobodyMeasured) {
    const std::string text = to_json(small_study());
    EXPECT_EQ(text.find("cycles"), std::string::npos);
    EXPECT_EQ(text.find("null"), std::string::npos);
}

TEST(StudyJson, HasALineForEachSample) {
    Study study = small_study();
    study.samples.resize(3, study.samples.front());
    const std::string text = to_json(study);
    EXPECT_NE(text.find("\n" + to_json(study.samples.front()) + ",\n"), std::string::npos);
}

TEST(StudyJson, TakesAnAnalysisBehindTheStudy) {
    Analysis analysis;
    analysis.measure = "job";
    analysis.series = {{.name = "a", .fits = {{.law = "USL", .crosstalk = Estimate{}}}}};
    const std::string text = to_json(small_study(), analysis);
    EXPECT_NE(text.find(R"("analysis":{"measure":"job")"), std::string::npos);
    EXPECT_EQ(parse_study(text, "s.json"), small_study());
}

TEST(StudyJson, PassesOverMembersThatALaterPinfoldAdds) {
    const std::string text =
        with(to_json(small_study()), R"("started")", R"("news":[1],"started")");
    EXPECT_EQ(parse_study(text, "s.json"), small_study());
}

TEST(StudyJson, RefusesWhatIsNoStudyAndSaysWhy) {
    const std::string text = to_json(small_study());
    EXPECT_EQ(refusal_of("{}"), R"(s.json is no study: it has no "format":"pinfold-study", )"
                                "which pinfold scale writes");
    EXPECT_EQ(refusal_of(R"({"benchmarks":[]})"), refusal_of("{}"));
    EXPECT_TRUE(refusal_of("pi is 3.14").starts_with("s.json is no JSON: "));
    EXPECT_EQ(refusal_of(with(text, R"("version":1)", R"("version":2)")),
              "s.json: version is 2: a later pinfold wrote it; this one reads up to 1");
}

TEST(StudyJson, RefusesWhatDoesNotFitTogether) {
    const std::string text = to_json(small_study());
    EXPECT_EQ(refusal_of(with(text, R"("role":"crew")", R"("role":"boss")")),
              "s.json: configurations[0].role is 'boss', which is not one of base, crew, peer");
    EXPECT_EQ(refusal_of(with(text, R"("configuration":0)", R"("configuration":1)")),
              "s.json: samples[0].configuration is 1, but the study has 1 configurations");
    EXPECT_EQ(refusal_of(with(text, R"("command_seconds":1.5)", R"("command_seconds":"long")")),
              "s.json: samples[0].command_seconds is no number");
    EXPECT_EQ(refusal_of(with(text, R"("command_seconds":1.5)", R"("command_seconds":0)")),
              "s.json: samples[0].command_seconds is not above 0");
    EXPECT_EQ(refusal_of(with(text, R"("command_seconds":1.5,)", "")),
              R"(s.json: samples[0] has no member "command_seconds")");
    EXPECT_EQ(refusal_of(with(text, R"("workers":1)", R"("workers":0)")),
              "s.json: configurations[0].workers is below 1");
}

}  // namespace
}  // namespace pinfold::apps
