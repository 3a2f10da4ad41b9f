#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <pinfold/engine/report_json.hpp>
#include <string_view>

namespace pinfold {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// The bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none.
std::size_t character_bytes(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < bytes) {
        return 0;
    }
    for (std::size_t at = 1; at < bytes; ++at) {
        if ((byte(at) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    // Written too long, a half of a pair of UTF-16, or above U+10FFFF.
    const unsigned second = byte(1);
    const bool is_none = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                         (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return is_none ? 0 : bytes;
}

void add_escaped(std::string& json, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        json += '\\';
        json += c;
    } else if (code < 0x20) {
        json += "\\u00";
        json += digits[code / 16];
        json += digits[code % 16];
    } else {
        json += c;
    }
}

std::string json_of(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        if (bytes == 1) {
            add_escaped(json, text.front());
        } else {
            json += bytes == 0 ? replacement : text.substr(0, bytes);
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
    return json + '"';
}

std::string json_of(const std::string& text) {
    return json_of(std::string_view(text));
}

std::string json_of(double number) {
    if (!std::isfinite(number)) {
        return "null";
    }
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.begin(), text.end(), number).ptr};
}

std::string json_of(std::uint64_t number) {
    return std::to_string(number);
}

std::string json_of(int number) {
    return std::to_string(number);
}

/// An object, to which members are added one after the other.
class Object {
  public:
    template <typename T>
    Object& add(std::string_view name, const T& value) {
        return add_written(name, json_of(value));
    }

    /// An array of what `write` makes of each of the values.
    template <typename Values, typename Write>
    Object& add_array(std::string_view name, const Values& values, Write write) {
        std::string array;
        for (const auto& value : values) {
            array += (array.empty() ? "" : ",") + write(value);
        }
        return add_written(name, "[" + array + "]");
    }

    [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }

  private:
    Object& add_written(std::string_view name, const std::string& json) {
        members_ += members_.empty() ? "" : ",";
        members_ += json_of(name) + ":" + json;
        return *this;
    }

    std::string members_;
};

std::string worker_json(const WorkerReport& worker) {
    return Object()
        .add("worker", worker.worker)
        .add("pid", worker.pid)
        .add("cpu", worker.cpu)
        .add("chunks", worker.chunks)
        .add("busy_seconds", worker.busy_seconds)
        .text();
}

std::string death_json(const Death& death) {
    return Object().add("worker", death.worker).add("pid", death.pid).add("how", death.how).text();
}

std::string failure_json(const ChunkFailure& failure) {
    return Object()
        .add("begin", to_decimal(failure.chunk.begin))
        .add("end", to_decimal(failure.chunk.end))
        .add("index", failure.chunk.index)
        .add("worker", failure.worker)
        .add("attempts", failure.attempts)
        .add_array("deaths", failure.deaths, death_json)
        .add("exception_type", failure.exception_type)
        .add("exception_text", failure.exception_text)
        .text();
}

}  // namespace

std::string to_json(const JobReport& report) {
    return Object()
        .add("chunks", report.chunks)
        .add("restored", report.restored)
        .add("attempts", report.attempts)
        .add("deaths", report.deaths)
        .add("seconds", report.seconds)
        .add("pool_seconds", report.pool_seconds)
        .add_array("phase_seconds", report.phase_seconds, [](double s) { return json_of(s); })
        .add_array("workers", report.workers, worker_json)
        .add_array("skipped", report.skipped, failure_json)
        .add("journal_lost", report.journal_lost)
        .text();
}

}  // namespace pinfold
