// Maps in plug-ins: workers run the code that they were born with, or the job is refused.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <pinfold/engine/detail/run_job.hpp>
#include <stdexcept>
#include <string>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

/// A plug-in, loaded for the life of this object.
class PlugIn {
  public:
    explicit PlugIn(const fs::path& file) : library_(dlopen(file.c_str(), RTLD_NOW)) {
        if (library_ == nullptr) {
            throw std::runtime_error(dlerror());
        }
    }
    ~PlugIn() { dlclose(library_); }
    PlugIn(const PlugIn&) = delete;
    PlugIn& operator=(const PlugIn&) = delete;

    [[nodiscard]] detail::RowCall map() const {
        return reinterpret_cast<detail::RowCall>(dlsym(library_, "map_of_plug_in"));
    }
    [[nodiscard]] detail::RowCall phase() const {
        return reinterpret_cast<detail::RowCall>(dlsym(library_, "phase_of_plug_in"));
    }

  private:
    void* const library_;
};

fs::path built(const std::string& name) {
    return fs::path(PINFOLD_PLUG_INS) / (name + ".so");
}

/// What a job of this map comes to: its answer, or its error.
std::string run(Pool& pool, detail::RowCall map, std::span<const detail::Phase> phases = {}) {
    const JobSettings settings;
    detail::JobSpec spec = detail::job_spec<std::uint64_t>(ChunkPlan(Range{0, 1}, 1), settings);
    const int job = 0;
    detail::set_job(spec, job);
    spec.call = map;
    spec.phases = phases;
    std::uint64_t value = 0;
    try {
        detail::run_job(pool, spec, [&](const detail::Results& results) {
            value = *reinterpret_cast<const std::uint64_t*>(results.first);
        });
        return std::to_string(value);
    } catch (const std::invalid_argument& e) {
        return std::string("refused: ") + e.what();
    } catch (const std::exception& e) {
        return e.what();
    }
}

constexpr auto map_of_program = [](detail::ChunkRow& chunks) {
    detail::run_row_with_results<std::uint64_t>(
        chunks, [](const detail::ChunkRow&) -> std::uint64_t { return 7; });
};

class PlugIns : public testing::NothingLeft, public ::testing::WithParamInterface<std::string> {
  protected:
    [[nodiscard]] static fs::path first() { return built(GetParam() + "1"); }
    [[nodiscard]] static fs::path second() { return built(GetParam() + "2"); }
};

TEST_P(PlugIns, ThatTookThePlaceOfAnotherAreRefused) {
    auto plug_in = std::make_unique<PlugIn>(first());
    const auto place = plug_in->map();
    Pool pool = testing::make_pool(Crew::processes, 1);
    EXPECT_EQ(run(pool, plug_in->map()), "1");

    plug_in.reset();
    plug_in = std::make_unique<PlugIn>(second());
    if (plug_in->map() != place) {
        GTEST_SKIP() << "the loader put the second plug-in elsewhere";
    }
    EXPECT_EQ(run(pool, plug_in->map()),
              "refused: the map's code lies where " + first().string() +
                  " lay when the pool was made, which was unloaded since and gave way to " +
                  second().string() +
                  ": the pool's workers would run the old code; make a pool when the new one is "
                  "loaded");
    const detail::Phase phase{{.range = {0, 1}}, plug_in->phase()};
    EXPECT_TRUE(run(pool, map_of_program, {&phase, 1}).starts_with("refused: the map's code lies"));
    EXPECT_EQ(run(pool, map_of_program), "7") << "the program's own code is what it was";
    {
        Pool young = testing::make_pool(Crew::processes, 1);
        EXPECT_EQ(run(young, plug_in->map()), "2");
        EXPECT_EQ(run(young, map_of_program, {&phase, 1}), "7");
    }

    plug_in.reset();
    plug_in = std::make_unique<PlugIn>(first());
    if (plug_in->map() == place) {
        EXPECT_EQ(run(pool, plug_in->map()), "1") << "the same code as at the pool's birth";
    }
}

TEST_P(PlugIns, ThatWereReplacedOnTheDiskAreRefused) {
    const fs::path file = fs::temp_directory_path() / ("plug_in_" + std::to_string(getpid()));
    fs::copy_file(first(), file);
    auto plug_in = std::make_unique<PlugIn>(file);
    const auto place = plug_in->map();
    Pool pool = testing::make_pool(Crew::processes, 1);
    EXPECT_EQ(run(pool, plug_in->map()), "1");
    plug_in.reset();
    fs::remove(file);
    fs::copy_file(second(), file);
    plug_in = std::make_unique<PlugIn>(file);
    if (plug_in->map() == place) {
        const std::string outcome = run(pool, plug_in->map());
        EXPECT_TRUE(outcome.starts_with("refused: the map's code lies")) << outcome;
    }
    fs::remove(file);
}

TEST_P(PlugIns, StayGoodWhenAnotherLibraryIsUnloaded) {
    const PlugIn plug_in(first());
    auto other = std::make_unique<PlugIn>(second());
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto gone = other->map();
    EXPECT_EQ(run(pool, gone), "2");
    other.reset();
    EXPECT_EQ(run(pool, plug_in.map()), "1");
    EXPECT_EQ(run(pool, map_of_program), "7");
    EXPECT_EQ(run(pool, gone),
              "refused: the map's code lies where " + second().string() +
                  " lay when the pool was made, which was unloaded since: the pool's workers would "
                  "run the old code; make a pool when the new one is loaded");
}

TEST_P(PlugIns, ThatAreLoadedLaterAreRefusedByProcessesAlone) {
    Pool processes = testing::make_pool(Crew::processes, 1);
    Pool threads = testing::make_pool(Crew::threads, 1);
    Pool serial = testing::make_pool(Crew::serial, 1);
    auto plug_in = std::make_unique<PlugIn>(first());
    EXPECT_EQ(run(processes, plug_in->map()),
              "refused: the map's code was loaded after the pool was made, so its workers do not "
              "have it; make a pool when it is loaded");
    EXPECT_EQ(run(threads, plug_in->map()), "1");
    EXPECT_EQ(run(serial, plug_in->map()), "1");
    plug_in.reset();
    plug_in = std::make_unique<PlugIn>(second());
    EXPECT_EQ(run(threads, plug_in->map()), "2");
    EXPECT_EQ(run(serial, plug_in->map()), "2");
    EXPECT_TRUE(run(processes, plug_in->map()).starts_with("refused: "));
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutBuildIds, PlugIns,
                         ::testing::Values("plug_in_", "plug_in_without_id_"));

}  // namespace
}  // namespace pinfold
