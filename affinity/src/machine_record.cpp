// Reads the tags of an hwloc record one after the other; only the <object> tags are looked into:
//
//   <object type="Core" os_index="1" cpuset="0x0000000a" complete_cpuset="0x0000000a"
//           nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="7"> ... </object>
//
// A set is a bit mask in words of 32 bits, highest first: "0x00000001,0x00000000" is {32}.

#include "machine_record.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <pinfold/affinity/cpu_list.hpp>
#include <set>
#include <stdexcept>
#include <string>

namespace pinfold::affinity {
namespace {

using Set = std::bitset<max_cpu + 1>;
using Attributes = std::map<std::string_view, std::string_view>;

constexpr std::string_view blanks = " \t\r\n";

// Real machines nest about 10 deep and have about 10 objects a CPU.
constexpr int max_depth = 64;
constexpr int max_objects = 10 * (max_cpu + 1);

std::optional<int> parse_index(std::string_view text) {
    int index = -1;
    const auto end = text.data() + text.size();
    const bool whole = std::from_chars(text.data(), end, index).ptr == end && !text.empty();
    return whole && index >= 0 && index <= max_cpu ? std::optional(index) : std::nullopt;
}

/// The number that `text` is, or more than any machine has.
long long parse_count(std::string_view text) {
    int count = 0;
    const auto end = text.data() + text.size();
    const bool whole = std::from_chars(text.data(), end, count).ptr == end && count > 0;
    return whole ? count : std::numeric_limits<int>::max();
}

std::size_t to_bit(int index) {
    return static_cast<std::size_t>(index);
}

std::optional<Set> parse_set(std::string_view text) {
    constexpr std::size_t word_bits = 32;
    constexpr std::size_t max_words = (max_cpu + 1) / word_bits;
    Set set;
    for (std::size_t words = 0; words < max_words; ++words) {
        const auto comma = std::min(text.find(','), text.size());
        auto digits = text.substr(0, comma);
        digits.remove_prefix(digits.starts_with("0x") ? 2 : 0);
        std::uint32_t word = 0;
        const auto end = digits.data() + digits.size();
        if (!digits.empty() && std::from_chars(digits.data(), end, word, 16).ptr != end) {
            return std::nullopt;
        }
        set = (set << word_bits) | Set(word);
        if (comma == text.size()) {
            return set;
        }
        text.remove_prefix(comma + 1);
    }
    return std::nullopt;
}

class Record {
  public:
    explicit Record(std::string_view xml) : xml_(xml) {}

    void check() {
        for (auto open = xml_.find('<'); open != std::string_view::npos;
             open = xml_.find('<', at_)) {
            at_ = xml_.find('>', open);
            if (at_ == std::string_view::npos) {
                refuse("a tag without end");
            }
            check_tag(xml_.substr(open + 1, at_ - open - 1));
        }
        if (!is_topology_ || depth_ != 0) {
            refuse("is not a complete record of hwloc 2");
        }
        if (std::ranges::none_of(pus_, [&](int pu) { return allowed_.test(to_bit(pu)); })) {
            refuse("there is no PU that may be used");
        }
    }

  private:
    [[noreturn]] void refuse(const std::string& why) const {
        const auto read = xml_.substr(0, std::min(at_, xml_.size()));
        throw std::invalid_argument("line " + std::to_string(1 + std::ranges::count(read, '\n')) +
                                    ": " + why);
    }

    void check_tag(std::string_view tag) {
        const auto name = tag.substr(0, tag.find_first_of(blanks));
        if (name == "/object") {
            --depth_;
        } else if (name == "topology") {
            is_topology_ = attributes(tag)["version"].starts_with("2.");
        } else if (name.starts_with('!') && tag.find('[') != std::string_view::npos) {
            refuse("an XML document type with declarations of its own");
        } else if (name == "object") {
            check_object(attributes(tag));
            depth_ += tag.ends_with('/') ? 0 : 1;
        }
    }

    /// name="value" pairs after the tag's name.
    [[nodiscard]] Attributes attributes(std::string_view tag) const {
        Attributes found;
        auto rest = tag.substr(std::min(tag.find_first_of(blanks), tag.size()));
        while (true) {
            rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
            const auto equals = rest.find("=\"");
            if (equals == std::string_view::npos) {
                return found;
            }
            const auto close = rest.find('"', equals + 2);
            if (close == std::string_view::npos) {
                refuse("an attribute without end");
            }
            if (!found.emplace(rest.substr(0, equals), rest.substr(equals + 2, close - equals - 2))
                     .second) {
                refuse("an attribute given twice");
            }
            rest.remove_prefix(close + 1);
        }
    }

    void check_object(Attributes object) {
        if (++objects_ > max_objects || depth_ > max_depth) {
            refuse("more than " + std::to_string(max_objects) + " objects, or deeper than " +
                   std::to_string(max_depth));
        }
        constexpr std::array<std::string_view, 4> without_sets{"Bridge", "PCIDev", "OSDev", "Misc"};
        const auto type = object["type"];
        if ((objects_ == 1) != (type == "Machine") || (objects_ > 1 && depth_ < 1)) {
            refuse("all objects must be inside of one object of type Machine");
        }
        if (std::ranges::find(without_sets, type) != without_sets.end()) {
            return;
        }
        const auto cpus = require_set(object, "cpuset");
        require_set(object, "complete_cpuset");
        const auto nodes = require_set(object, "nodeset");
        require_set(object, "complete_nodeset");
        if (type == "Machine") {
            allowed_ = require_set(object, "allowed_cpuset");
            require_set(object, "allowed_nodeset");
        } else if (type == "PU") {
            require_own_bit(object["os_index"], cpus, pus_);
        } else if (type == "NUMANode") {
            require_own_bit(object["os_index"], nodes, nodes_);
        }
    }

    Set require_set(Attributes& object, std::string_view name) const {
        const auto set = object.contains(name) ? parse_set(object[name]) : std::nullopt;
        if (!set) {
            refuse("an object without a valid " + std::string(name));
        }
        return *set;
    }

    /// A PU's cpuset and a node's nodeset hold the object's number, which no other one has.
    void require_own_bit(std::string_view os_index, const Set& set, std::set<int>& seen) const {
        const auto index = parse_index(os_index);
        if (!index) {
            refuse("number '" + std::string(os_index) + "' is outside 0.." +
                   std::to_string(max_cpu));
        }
        if (set.count() != 1 || !set.test(to_bit(*index)) || !seen.insert(*index).second) {
            refuse("number " + std::to_string(*index) + " appears twice or belies its set");
        }
    }

    std::string_view xml_;
    std::size_t at_ = 0;
    bool is_topology_ = false;
    int objects_ = 0;
    int depth_ = 0;
    Set allowed_;
    std::set<int> pus_;
    std::set<int> nodes_;
};

}  // namespace

void check_machine_record(std::string_view xml) {
    Record(xml).check();
}

void check_synthetic_size(std::string_view description) {
    // Levels such as "core:4(indexes=...)" or "4" multiply; "[numa]" hangs memory on one of them.
    long long cpus = 1;
    for (std::size_t at = 0; at < description.size();) {
        const auto end = std::min(description.find_first_of(" ([", at), description.size());
        const auto level = description.substr(at, end - at);
        cpus *= level.empty() ? 1 : parse_count(level.substr(level.find(':') + 1));
        if (cpus > max_cpu + 1) {
            throw std::invalid_argument("a level that is no number, or more than " +
                                        std::to_string(max_cpu + 1) + " CPUs");
        }
        const bool aside = end < description.size() && description[end] != ' ';
        at = aside ? description.find_first_of(")]", end) : end;
        at = at == std::string_view::npos ? description.size() : at + 1;
    }
}

}  // namespace pinfold::affinity
