#include "scale/traced_run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/timeline.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

class TracedRun : public testing::Test {
  protected:
    ~TracedRun() override { std::filesystem::remove(file_); }

    void write_job(std::uint64_t chunks) {
        Pool pool({.crew = Crew::threads, .workers = 2});
        Timeline timeline;
        static_cast<void>(map_reduce(pool, Range{0, chunks},
                                     [](const Chunk& chunk) { return chunk.size(); }, std::plus<>{},
                                     {.grain = 1, .timeline = &timeline}));
        timeline.write(file_);
    }

    std::string file_ = testing::TempDir() + "traced_run.json";
};

TEST_F(TracedRun, HasEachChunkWithItsWorkerInTheOrderOfTheirBegins) {
    write_job(500);
    const std::vector<TracedChunk> chunks = read_traced_chunks(file_);
    ASSERT_EQ(chunks.size(), 500U);
    EXPECT_EQ(chunks.front().begin_seconds, 0);
    double before = 0;
    for (const TracedChunk& chunk : chunks) {
        EXPECT_GE(chunk.begin_seconds, before);
        EXPECT_GE(chunk.seconds, 0);
        EXPECT_TRUE(chunk.worker == 0 || chunk.worker == 1);
        before = chunk.begin_seconds;
    }
}

TEST_F(TracedRun, IsThinnedWhereItHasMoreThanAPageShows) {
    write_job(1010);
    EXPECT_EQ(read_traced_chunks(file_, 1010).size(), 1010U);
    EXPECT_EQ(read_traced_chunks(file_, 1000).size(), 505U);
    EXPECT_EQ(read_traced_chunks(file_, 500).size(), 253U);
}

TEST_F(TracedRun, NamesTheLineThatIsWrong) {
    const auto refusal = [&]() -> std::string {
        try {
            static_cast<void>(read_traced_chunks(file_));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "nothing was refused";
    };
    std::ofstream(file_) << "{\n"
                         << R"({"ph":"X","cat":"chunk","tid":1},)"
                         << "\n";
    EXPECT_EQ(refusal(), "line 2 of " + file_ + ": it has no member \"ts\"");
    std::filesystem::remove(file_);
    EXPECT_EQ(refusal(), "cannot read '" + file_ + "': No such file or directory");
}

TEST(TraceFileName, IsMadeOfTheSeries) {
    EXPECT_EQ(trace_file_name("processes, cores"), "trace-processes-cores.json");
    EXPECT_EQ(trace_file_name("threads, 0-3,5"), "trace-threads-0-3-5.json");
}

}  // namespace
}  // namespace pinfold::apps
