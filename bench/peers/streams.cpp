// Results of any number, and results that are written as they come: by pinfold's gather() and
// stream(), and by what oneTBB has for it.

#include "harness/streams.hpp"

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "harness/front_door.hpp"
#include "peers/require.hpp"
#include "peers/tbb_peer.hpp"

namespace bench {
namespace {

// ---- numbers that pass a test

/// A number of a sequence that has no pattern, from its place.
[[nodiscard]] std::uint64_t mixed(std::uint64_t k) {
    k = (k ^ (k >> 30U)) * 0xbf58476d1ce4e5b9U;
    return k ^ (k >> 27U);
}

template <typename Out>
void find(std::uint64_t begin, std::uint64_t end, Out& out) {
    for (std::uint64_t k = begin; k < end; ++k) {
        const std::uint64_t x = mixed(k);
        if ((x & 1U) != 0) {
            out.push_back(x);
        }
    }
}

/// What one thread finds.
class Expected {
  public:
    explicit Expected(std::uint64_t numbers) { find(0, numbers, all_); }
    [[nodiscard]] bool is(std::span<const std::uint64_t> found) const {
        bool same = found.size() == all_.size();
        for (std::size_t i = 0; same && i < found.size(); i += 9973) {
            same = found[i] == all_[i];
        }
        return same;
    }

  private:
    std::vector<std::uint64_t> all_;
};

const Expected& expected(std::uint64_t numbers) {
    static const Expected once(numbers);  // every case of the bench has the same
    return once;
}

class Gather final : public Runner {
  public:
    Gather(pinfold::Crew crew, std::uint64_t numbers)
        : expected_(expected(numbers)), numbers_(numbers), pool_({.crew = crew, .workers = 2}) {}

    Partial run(const Work&) override {
        const auto found = pinfold::gather<std::uint64_t>(
            pool_, pinfold::Range{0, numbers_}, [](const pinfold::Chunk& chunk, auto& out) {
                find(chunk.begin, chunk.begin + chunk.size(), out);
            });
        require(expected_.is(found.value.span()), "pinfold's array");
        return checked_value;
    }

  private:
    const Expected& expected_;
    const std::uint64_t numbers_;
    pinfold::Pool pool_;
};

class GatherByTbb final : public TbbPeer {
  public:
    GatherByTbb(Join join, std::uint64_t numbers)
        : TbbPeer(2), expected_(expected(numbers)), numbers_(numbers), join_(join) {}

    Partial run(const Work&) override {
        in_arena([&] { find_and_join(); });
        return checked_value;
    }

  private:
    /// Numbers [at, at + size) of a thread's vector are those of the chunk that begins there.
    struct Part {
        std::uint64_t begin;
        const std::vector<std::uint64_t>* of;
        std::size_t at;
        std::size_t size;
    };
    struct Own {
        std::vector<std::uint64_t> numbers;
        std::vector<Part> parts;
    };

    void find_and_join() const {
        tbb::enumerable_thread_specific<Own> owns;
        tbb::parallel_for(tbb::blocked_range<std::uint64_t>(0, numbers_), [&](const auto& range) {
            Own& own = owns.local();
            const std::size_t at = own.numbers.size();
            find(range.begin(), range.end(), own.numbers);
            own.parts.push_back({range.begin(), &own.numbers, at, own.numbers.size() - at});
        });
        std::vector<Part> parts;
        for (const Own& own : owns) {
            parts.insert(parts.end(), own.parts.begin(), own.parts.end());
        }
        std::ranges::sort(parts, {}, &Part::begin);
        if (join_ == Join::by_all) {
            join_by_all(parts);
        } else {
            join_by_the_caller(parts);
        }
    }

    void join_by_the_caller(const std::vector<Part>& parts) const {
        std::vector<std::uint64_t> all;
        std::size_t size = 0;
        for (const Part& part : parts) {
            size += part.size;
        }
        all.reserve(size);
        for (const Part& part : parts) {
            const auto from = part.of->begin() + static_cast<std::ptrdiff_t>(part.at);
            all.insert(all.end(), from, from + static_cast<std::ptrdiff_t>(part.size));
        }
        require(expected_.is(all), "oneTBB's vector");
    }

    void join_by_all(const std::vector<Part>& parts) const {
        std::vector<std::size_t> places(parts.size() + 1, 0);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            places[i + 1] = places[i] + parts[i].size;
        }
        const auto all = std::make_unique_for_overwrite<std::uint64_t[]>(places.back());
        tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
            std::copy_n(parts[i].of->data() + parts[i].at, parts[i].size, all.get() + places[i]);
        });
        require(expected_.is({all.get(), places.back()}), "oneTBB's array");
    }

    const Expected& expected_;
    const std::uint64_t numbers_;
    const Join join_;
};

// ---- lines that are written to a file

constexpr std::uint64_t lines = 10'000'000;
constexpr std::uint64_t lines_a_chunk = 5'000;  // some 44 KB

/// Numbers [begin, end), a line each.
[[nodiscard]] std::string lines_of(std::uint64_t begin, std::uint64_t end) {
    std::string text(static_cast<std::size_t>(end - begin) * 9, '\0');
    char* at = text.data();
    for (std::uint64_t k = begin; k < end; ++k) {
        at = std::to_chars(at, text.data() + text.size(), k).ptr;
        *at++ = '\n';
    }
    text.resize(static_cast<std::size_t>(at - text.data()));
    return text;
}

/// A file without a name, which each job writes anew.
class Written {
  public:
    Written() : file_(std::tmpfile()) { require(file_ != nullptr, "a file to write to"); }
    ~Written() { static_cast<void>(std::fclose(file_)); }
    Written(const Written&) = delete;
    Written& operator=(const Written&) = delete;

    void start_over() {
        require(ftruncate(fileno(file_), 0) == 0 && lseek(fileno(file_), 0, SEEK_SET) == 0,
                "an empty file");
    }
    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(fileno(file_), text.data(), text.size());
            require(written > 0, "room in the file");
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    /// Whether it has all lines: by its size, and by some of its bytes.
    [[nodiscard]] bool is_right() const {
        std::uint64_t bytes = 0;
        for (std::uint64_t below = 10, least = 0; least < lines; least = below, below *= 10) {
            const auto digits = static_cast<std::uint64_t>(std::to_string(below - 1).size());
            bytes += (std::min(below, lines) - least) * (digits + 1);
        }
        const std::string middle = "\n5000000\n5000001\n5000002\n";
        std::string read(middle.size(), '\0');
        const auto at = static_cast<off_t>(bytes - (lines - 5'000'000) * 8 - 1);
        return lseek(fileno(file_), 0, SEEK_END) == static_cast<off_t>(bytes) &&
               pread(fileno(file_), read.data(), read.size(), at) ==
                   static_cast<ssize_t>(read.size()) &&
               read == middle;
    }

  private:
    std::FILE* const file_;
};

class FileStream final : public Runner {
  public:
    FileStream(pinfold::Crew crew, std::uint64_t look_ahead)
        : pool_({.crew = crew, .workers = 2}), look_ahead_(look_ahead) {}

    Partial run(const Work&) override {
        file_.start_over();
        pinfold::stream(
            pool_, pinfold::Range{0, lines},
            [](const pinfold::Chunk& chunk) {
                return lines_of(chunk.begin, chunk.begin + chunk.size());
            },
            [this](std::string_view text) { file_.write(text); },
            {.grain = lines_a_chunk, .look_ahead = look_ahead_});
        require(file_.is_right(), "pinfold's file");
        return checked_value;
    }

  private:
    pinfold::Pool pool_;
    const std::uint64_t look_ahead_;
    Written file_;
};

class FilePipelineByTbb final : public TbbPeer {
  public:
    explicit FilePipelineByTbb(std::uint64_t most_under_way)
        : TbbPeer(2), most_under_way_(most_under_way) {}

    Partial run(const Work&) override {
        file_.start_over();
        in_arena([&] {
            std::uint64_t next = 0;
            tbb::parallel_pipeline(most_under_way_,
                                   tbb::make_filter<void, std::uint64_t>(
                                       tbb::filter_mode::serial_in_order,
                                       [&](tbb::flow_control& flow) {
                                           if (next == lines) {
                                               flow.stop();
                                               return next;
                                           }
                                           return std::exchange(next, next + lines_a_chunk);
                                       }) &
                                       tbb::make_filter<std::uint64_t, std::string>(
                                           tbb::filter_mode::parallel,
                                           [](std::uint64_t begin) {
                                               return lines_of(begin, begin + lines_a_chunk);
                                           }) &
                                       tbb::make_filter<std::string, void>(
                                           tbb::filter_mode::serial_in_order,
                                           [&](const std::string& text) { file_.write(text); }));
        });
        require(file_.is_right(), "oneTBB's file");
        return checked_value;
    }

  private:
    const std::uint64_t most_under_way_;
    Written file_;
};

}  // namespace

std::unique_ptr<Runner> make_gather(pinfold::Crew crew, std::uint64_t numbers) {
    return std::make_unique<Gather>(crew, numbers);
}

std::unique_ptr<Runner> make_gather_by_tbb(Join join, std::uint64_t numbers) {
    return std::make_unique<GatherByTbb>(join, numbers);
}

std::unique_ptr<Runner> make_file_stream(pinfold::Crew crew, std::uint64_t look_ahead) {
    return std::make_unique<FileStream>(crew, look_ahead);
}

std::unique_ptr<Runner> make_file_pipeline_by_tbb(std::uint64_t most_under_way) {
    return std::make_unique<FilePipelineByTbb>(most_under_way);
}

}  // namespace bench
