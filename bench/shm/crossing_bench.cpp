// What it costs to write values into plain memory and to read them back, beside cereal's own
// archives, which write to streams.

#include <benchmark/benchmark.h>

#include <cereal/archives/binary.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <sstream>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"

namespace {

struct Point {
    float x;
    float y;
    float z;
};

struct Weapon {
    std::string name;
    std::int16_t damage;
};

/// 1.7 KB with these values.
struct Monster {
    Point at;
    std::int16_t mana;
    std::int16_t health;
    std::string name;
    std::vector<std::uint8_t> bytes;
    std::vector<Weapon> weapons;
    Weapon best;
    std::vector<Point> path;
};

// What cereal's archives need, and pinfold does not.
template <typename A>
concept OfCereal =
    std::is_same_v<A, cereal::BinaryOutputArchive> || std::is_same_v<A, cereal::BinaryInputArchive>;
template <OfCereal A>
void serialize(A& archive, Point& p) {
    archive(p.x, p.y, p.z);
}
template <OfCereal A>
void serialize(A& archive, Weapon& w) {
    archive(w.name, w.damage);
}
template <OfCereal A>
void serialize(A& archive, Monster& m) {
    archive(m.at, m.mana, m.health, m.name, m.bytes, m.weapons, m.best, m.path);
}

Monster make_monster() {
    Monster monster{{1, 2, 3},
                    4,
                    5,
                    "monster number one with a name",
                    std::vector<std::uint8_t>(200, 7),
                    {},
                    {"axe", 5},
                    std::vector<Point>(100, {1, 2, 3})};
    for (std::int16_t i = 0; i < 10; ++i) {
        monster.weapons.push_back({"weapon " + std::to_string(i), i});
    }
    return monster;
}

std::vector<std::string> make_words() {
    std::vector<std::string> words;
    for (int i = 0; i < 1000; ++i) {
        words.push_back("some words of length " + std::to_string(i));
    }
    return words;
}

std::map<std::string, double> make_map() {
    std::map<std::string, double> map;
    for (int i = 0; i < 1000; ++i) {
        map["key " + std::to_string(i)] = i;
    }
    return map;
}

/// A stream over memory that is there: the quickest that cereal can have.
class Buffer : public std::streambuf {
  public:
    explicit Buffer(std::span<std::byte> memory) {
        auto* const begin = reinterpret_cast<char*>(memory.data());
        setp(begin, begin + memory.size());
        setg(begin, begin, begin + memory.size());
    }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(pptr() - pbase()); }
};

template <typename T>
std::size_t write_by_stream(const T& value, std::span<std::byte> to) {
    std::ostringstream stream;
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    const std::string text = stream.str();
    std::memcpy(to.data(), text.data(), text.size());
    return text.size();
}

template <typename T>
std::size_t write_by_buffer(const T& value, std::span<std::byte> to) {
    Buffer buffer(to);
    std::ostream stream(&buffer);
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    return buffer.size();
}

template <typename T>
T read_by_buffer(std::span<std::byte> from) {
    Buffer buffer(from);
    std::istream stream(&buffer);
    cereal::BinaryInputArchive archive(stream);
    T value{};
    archive(value);
    return value;
}

template <typename T>
std::size_t write_in_one_pass(const T& value, std::span<std::byte> to) {
    return pinfold::shm::CrossingOf<T>::write(value, to);
}

/// As it is where the size decides how large a block is taken.
template <typename T>
std::size_t write_in_two_passes(const T& value, std::span<std::byte> to) {
    const std::size_t size = pinfold::shm::CrossingOf<T>::write(value, {});
    return pinfold::shm::CrossingOf<T>::write(value, to.first(size));
}

template <typename T>
T read_by_pinfold(std::span<std::byte> from) {
    return pinfold::shm::CrossingOf<T>::read(from);
}

/// A value as text, by the encoding that is not under test.
template <typename T>
std::string text_of(const T& value) {
    std::ostringstream stream;
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    return stream.str();
}

/// Writes a value again and again, then reads it once and says what it is.
template <auto write, auto read, typename T>
bench::Contestant writer(std::string name, const T& value, int times) {
    return {std::move(name), [&value, times] {
                static std::vector<std::byte> block(std::size_t{4} << 20);
                std::size_t size = 0;
                for (int i = 0; i < times; ++i) {
                    size = write(value, block);
                    benchmark::DoNotOptimize(block.data());
                    benchmark::ClobberMemory();
                }
                return text_of(read(std::span(block).first(size)));
            }};
}

template <auto write, auto read, typename T>
bench::Contestant reader(std::string name, const T& value, int times) {
    return {std::move(name), [&value, times] {
                static std::vector<std::byte> block(std::size_t{4} << 20);
                const std::span<std::byte> message(block.data(), write(value, block));
                for (int i = 1; i < times; ++i) {
                    benchmark::DoNotOptimize(read(message));
                }
                return text_of(read(message));
            }};
}

template <typename T>
void enter_value(const std::string& name, const T& value, int times) {
    constexpr auto read_cereal = read_by_buffer<T>;
    constexpr auto read_pinfold = read_by_pinfold<T>;
    bench::enter(
        {.name = "write_" + name,
         .repeats = 15,
         .contestants = {writer<write_by_buffer<T>, read_cereal>("cereal_buffer", value, times),
                         writer<write_by_stream<T>, read_cereal>("cereal_stream", value, times),
                         writer<write_in_one_pass<T>, read_pinfold>("one_pass", value, times),
                         writer<write_in_two_passes<T>, read_pinfold>("two_passes", value, times)},
         .peers = 2});
    bench::enter(
        {.name = "read_" + name,
         .repeats = 15,
         .contestants = {reader<write_by_buffer<T>, read_cereal>("cereal_buffer", value, times),
                         reader<write_in_one_pass<T>, read_pinfold>("pinfold", value, times)}});
}

}  // namespace

int main(int argc, char** argv) {
    static const auto pair = std::pair<std::string, std::uint64_t>("a short name", 7);
    static const Monster monster = make_monster();
    static const std::vector<std::string> words = make_words();
    static const std::map<std::string, double> map = make_map();
    static const std::vector<double> numbers(100'000, 1.5);
    return bench::run_benches(argc, argv, [] {
        enter_value("pair", pair, 50'000);
        enter_value("record", monster, 5'000);
        enter_value("words", words, 300);
        enter_value("map", map, 200);
        enter_value("numbers", numbers, 100);
    });
}
