#include "study/study_json.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "json/json.hpp"
#include "json/json_reader.hpp"
#include "study/study_fields.hpp"

namespace pinfold::apps {

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename Enum>
using Names = std::vector<std::pair<Enum, std::string_view>>;

const Names<Role>& names_of(Role) {
    static const Names<Role> names{
        {Role::base, "base"}, {Role::crew, "crew"}, {Role::peer, "peer"}};
    return names;
}

const Names<Scaling>& names_of(Scaling) {
    static const Names<Scaling> names{{Scaling::strong, "strong"}, {Scaling::weak, "weak"}};
    return names;
}

// What is written.

template <typename T>
Json written(const T& value);

template <typename T>
Json::Members members_of(const T& value) {
    Json::Members members;
    for_each_member(value, [&](const char* name, const auto& member) {
        if constexpr (IsOptional<std::remove_cvref_t<decltype(member)>>::value) {
            if (member) {
                members.emplace_back(name, written(*member));
            }
        } else {
            members.emplace_back(name, written(member));
        }
    });
    return members;
}

template <typename T>
Json written(const T& value) {
    if constexpr (std::is_enum_v<T>) {
        for (const auto& [each, name] : names_of(value)) {
            if (each == value) {
                return name;
            }
        }
        return {};
    } else if constexpr (std::is_same_v<T, Variables>) {
        Json::Members members;
        for (const auto& [name, text] : value) {
            members.emplace_back(name, text);
        }
        return Json::object(members);
    } else if constexpr (IsVector<T>::value) {
        return Json::array(value, [](const auto& element) { return written(element); });
    } else if constexpr (std::is_same_v<T, TracedChunk>) {
        // There may be a hundred thousand, so their names are left out.
        return Json::array({value.worker, value.begin_seconds, value.seconds});
    } else if constexpr (std::is_constructible_v<Json, T>) {
        return Json(value);
    } else {
        return Json::object(members_of(value));
    }
}

/// An object with a line for each member, and for each element of the long arrays: people look into
/// such a file, and compare two of them line by line.
std::string in_lines(const Json::Members& members, const Study& study) {
    const auto lines = [](const auto& values) {
        std::string text = "[";
        for (const auto& value : values) {
            text += (text.size() > 1 ? ",\n" : "\n") + written(value).dump();
        }
        return text + "]";
    };
    std::string text = "{";
    for (const auto& [name, value] : members) {
        text += (text.size() > 1 ? ",\n" : "") + Json(name).dump() + ":";
        if (name == "configurations") {
            text += lines(study.configurations);
        } else if (name == "samples") {
            text += lines(study.samples);
        } else {
            text += value.dump();
        }
    }
    return text + "}\n";
}

Json::Members all_members(const Study& study) {
    Json::Members members{{"format", study_format}, {"version", study_version}};
    for (auto& member : members_of(study)) {
        members.push_back(std::move(member));
    }
    return members;
}

// What is read.

template <typename T>
void read(const JsonReader& json, T& into);

template <typename T>
void read_members(const JsonReader& json, T& into) {
    for_each_member(into, [&](const char* name, auto& member) {
        using Member = std::remove_cvref_t<decltype(member)>;
        if constexpr (IsOptional<Member>::value) {
            if (json.has(name) && !json[name].is_null()) {
                read(json[name], member.emplace());
            }
        } else {
            read(json[name], member);
        }
    });
}

template <typename Enum>
Enum read_name(const JsonReader& json, const Names<Enum>& names) {
    const std::string text = json.text();
    std::string known;
    for (const auto& [each, name] : names) {
        if (name == text) {
            return each;
        }
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    json.refuse(fmt::format("is '{}', which is not one of {}", text, known));
}

Variables read_variables(const JsonReader& json) {
    if (!json.is_object()) {
        json.refuse("is no object");
    }
    Variables variables;
    for (const auto& [name, value] : json.members()) {
        variables.emplace_back(name, value.text());
    }
    return variables;
}

TracedChunk read_chunk(const JsonReader& json) {
    constexpr std::size_t worker = 0;
    constexpr std::size_t begin_seconds = 1;
    constexpr std::size_t seconds = 2;
    return {json[worker].integer(), json[begin_seconds].number(), json[seconds].number()};
}

template <typename T>
void read(const JsonReader& json, T& into) {
    if constexpr (std::is_enum_v<T>) {
        into = read_name(json, names_of(into));
    } else if constexpr (std::is_same_v<T, Variables>) {
        into = read_variables(json);
    } else if constexpr (IsVector<T>::value) {
        into.clear();
        for (const JsonReader& element : json.elements()) {
            read(element, into.emplace_back());
        }
    } else if constexpr (std::is_same_v<T, TracedChunk>) {
        into = read_chunk(json);
    } else if constexpr (std::is_same_v<T, bool>) {
        into = json.truth();
    } else if constexpr (std::is_same_v<T, int>) {
        into = json.integer();
    } else if constexpr (std::is_unsigned_v<T>) {
        into = json.count();
    } else if constexpr (std::is_same_v<T, double>) {
        into = json.number();
    } else if constexpr (std::is_same_v<T, std::string>) {
        into = json.text();
    } else {
        read_members(json, into);
    }
}

void check_header(const JsonReader& json, const std::string& origin) {
    if (!json.has("format") || !json["format"].is_string() ||
        json["format"].text() != study_format) {
        throw std::invalid_argument(
            fmt::format("{} is no study: it has no \"format\":\"{}\", which pinfold scale writes",
                        origin, study_format));
    }
    const JsonReader version = json["version"];
    if (version.integer() > study_version) {
        version.refuse(fmt::format("is {}: a later pinfold wrote it; this one reads up to {}",
                                   version.integer(), study_version));
    }
    if (version.integer() < 1) {
        version.refuse("is below 1");
    }
}

void check_configuration(const JsonReader& json, std::size_t configuration, std::size_t count) {
    if (configuration >= count) {
        json["configuration"].refuse(
            fmt::format("is {}, but the study has {} configurations", configuration, count));
    }
}

/// What programs that look at a study rely on.
void check_study(const JsonReader& json, const Study& study) {
    const std::size_t configurations = study.configurations.size();
    for (std::size_t i = 0; i < configurations; ++i) {
        if (study.configurations[i].workers < 1) {
            json["configurations"][i]["workers"].refuse("is below 1");
        }
        if (study.configurations[i].work <= 0) {
            json["configurations"][i]["work"].refuse("is not above 0");
        }
    }
    for (std::size_t i = 0; i < study.samples.size(); ++i) {
        const JsonReader sample = json["samples"][i];
        check_configuration(sample, study.samples[i].configuration, configurations);
        if (study.samples[i].command_seconds <= 0) {
            sample["command_seconds"].refuse("is not above 0");
        }
    }
    for (std::size_t i = 0; i < study.traces.size(); ++i) {
        check_configuration(json["traces"][i], study.traces[i].configuration, configurations);
    }
}

}  // namespace

std::string to_json(const Study& study) {
    return in_lines(all_members(study), study);
}

std::string to_json(const Study& study, const Analysis& analysis) {
    Json::Members members = all_members(study);
    members.emplace_back("analysis", written(analysis));
    return in_lines(members, study);
}

std::string to_json(const StudyOptions& options) {
    return written(options).dump();
}

std::string to_json(const Sample& sample) {
    return written(sample).dump();
}

Study parse_study(std::string_view text, const std::string& origin) {
    const JsonReader json = JsonReader::parse(text, origin);
    check_header(json, origin);
    Study study;
    read(json, study);
    check_study(json, study);
    return study;
}

Sample parse_sample(std::string_view text, const std::string& origin) {
    Sample sample;
    read(JsonReader::parse(text, origin), sample);
    return sample;
}

}  // namespace pinfold::apps
