#include "study/study_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>

#include "study/study_json.hpp"

namespace pinfold::apps {
namespace {

class StoreOfAStudy : public testing::Test {
  protected:
    StoreOfAStudy() {
        std::string name = testing::TempDir() + "study-XXXXXX";
        directory_ = mkdtemp(name.data());
        study_.started = "2026-11-29T07:00:00+00:00";
        study_.configurations = {{.series = "processes, cores", .command = {"true"}}};
    }
    ~StoreOfAStudy() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return directory_ + "/" + name;
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream file(path(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name)) << text;
    }
    void append(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::app) << text;
    }

    /// A sample that differs from the others.
    static Sample sample(int repetition) {
        return {.repetition = repetition, .command_seconds = 1.0 + repetition};
    }

    template <typename Error = std::invalid_argument, typename Call>
    std::string refusal(Call call) const {
        try {
            call();
        } catch (const Error& error) {
            const std::string text = error.what();
            const std::size_t at = text.find(directory_);
            return at == std::string::npos
                       ? text
                       : std::string(text).replace(at, directory_.size(), "DIR");
        }
        return "nothing was refused";
    }

    std::string directory_;
    Study study_;
};

TEST_F(StoreOfAStudy, KeepsEachSampleAtOnce) {
    StudyStore store(directory_);
    EXPECT_FALSE(store.kept());
    store.begin(study_);
    store.add(sample(0));
    store.add(sample(1));
    // As another program sees it while the study goes on.
    const Study kept = read_study(directory_);
    EXPECT_EQ(kept.samples, (std::vector{sample(0), sample(1)}));
    EXPECT_EQ(read_study(path("study.json")), kept);
}

TEST_F(StoreOfAStudy, DropsALineThatAKillCutAndGoesOnBehindTheOthers) {
    {
        StudyStore store(directory_);
        store.begin(study_);
        store.add(sample(0));
    }
    append("samples.jsonl", R"({"configuration":0,"repe)");
    StudyStore store(directory_);
    const auto kept = store.kept();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->samples, std::vector{sample(0)});
    store.go_on(*kept);
    store.add(sample(1));
    EXPECT_EQ(store.kept()->samples, (std::vector{sample(0), sample(1)}));
}

TEST_F(StoreOfAStudy, GoesOnWhereItDiedBetweenItsTwoFiles) {
    { StudyStore(directory_).begin(study_); }
    std::filesystem::remove(path("samples.jsonl"));
    StudyStore store(directory_);
    store.go_on(*store.kept());
    store.add(sample(0));
    EXPECT_EQ(store.kept()->samples.size(), 1U);
}

TEST_F(StoreOfAStudy, RefusesASecondOneAtOnce) {
    const StudyStore store(directory_);
    EXPECT_EQ(refusal([&] { StudyStore another(directory_); }),
              "'DIR' is in use: another pinfold scale takes a study in it");
}

TEST_F(StoreOfAStudy, RefusesADirectoryThatCannotBe) {
    write("file", "");
    EXPECT_EQ(refusal([&] { StudyStore store(path("file/study")); }),
              "'DIR/file/study' cannot be made: Not a directory");
    EXPECT_EQ(refusal([&] { StudyStore store("/proc/study"); }),
              "'/proc/study' cannot be made: No such file or directory");
    EXPECT_EQ(refusal([&] { static_cast<void>(read_study(path("nothing"))); }),
              "cannot read 'DIR/nothing': No such file or directory");
}

TEST_F(StoreOfAStudy, NamesTheLineOfSamplesThatIsWrong) {
    StudyStore store(directory_);
    store.begin(study_);
    store.add(sample(0));
    append("samples.jsonl", "{\"configuration\":\n");
    EXPECT_TRUE(refusal([&] {
                    static_cast<void>(store.kept());
                }).starts_with("line 3 of DIR/samples.jsonl is no JSON: "));
}

TEST_F(StoreOfAStudy, RefusesSamplesOfAnotherStudy) {
    StudyStore store(directory_);
    store.begin(study_);
    Study other = study_;
    other.options.seed = 7;
    store.replace("study.json", to_json(other));
    EXPECT_EQ(refusal([&] { static_cast<void>(store.kept()); }),
              "line 1 of DIR/samples.jsonl names another study than the study.json beside it");
}

TEST_F(StoreOfAStudy, LosesNothingToAFullDisk) {
    StudyStore store(directory_);
    store.begin(study_);
    store.add(sample(0));
    const std::string before = text("samples.jsonl");
    signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    getrlimit(RLIMIT_FSIZE, &usual);
    rlimit small = usual;
    small.rlim_cur = before.size() + 10;
    setrlimit(RLIMIT_FSIZE, &small);
    const std::string sample_refused = refusal<std::system_error>([&] { store.add(sample(1)); });
    const std::string study_refused =
        refusal<std::system_error>([&] { store.replace("study.json", std::string(9999, ' ')); });
    setrlimit(RLIMIT_FSIZE, &usual);
    EXPECT_EQ(sample_refused, "cannot write 'DIR/samples.jsonl': File too large");
    EXPECT_EQ(study_refused, "cannot write 'DIR/study.json': File too large");
    EXPECT_EQ(text("samples.jsonl"), before);
    store.add(sample(2));
    EXPECT_EQ(store.kept()->samples, (std::vector{sample(0), sample(2)}));
    EXPECT_FALSE(std::filesystem::exists(path(".study.json.new")));
}

TEST(DifferenceOfStudies, IsTheFirstOption) {
    StudyOptions there;
    StudyOptions here;
    here.seed = 5;
    here.directory = "/elsewhere";
    here.command_line = {"pinfold", "scale"};
    EXPECT_EQ(difference(there, here), "");
    here.repetitions = 5;
    EXPECT_EQ(difference(there, here), "repetitions is 10 there and 5 here");
    here.command = {"prime-sum"};
    EXPECT_EQ(difference(there, here), R"(command is [] there and ["prime-sum"] here)");
}

}  // namespace
}  // namespace pinfold::apps
