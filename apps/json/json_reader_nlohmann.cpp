#include "json/json_reader.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace pinfold::apps {

namespace {

using Value = nlohmann::ordered_json;

const Value& value_at(const void* value) {
    return *static_cast<const Value*>(value);
}

}  // namespace

struct JsonReader::Document {
    std::string origin;
    Value root;
};

JsonReader::JsonReader(std::shared_ptr<const Document> document, const void* value,
                       std::string place)
    : document_(std::move(document)), value_(value), place_(std::move(place)) {}

void JsonReader::refuse(std::string_view what) const {
    throw std::invalid_argument(
        fmt::format("{}: {} {}", document_->origin, place_.empty() ? "it" : place_.c_str(), what));
}

JsonReader JsonReader::parse(std::string_view text, const std::string& origin) {
    auto document = std::make_shared<Document>();
    document->origin = origin;
    try {
        document->root = Value::parse(text);
    } catch (const nlohmann::json::exception& error) {  // also numbers beyond a double
        throw std::invalid_argument(fmt::format("{} is no JSON: {}", origin, error.what()));
    }
    const Value* const root = &document->root;
    return {std::move(document), root, ""};
}

JsonReader JsonReader::operator[](std::string_view member) const {
    if (!is_object()) {
        refuse("is no object");
    }
    const auto found = value_at(value_).find(std::string(member));
    if (found == value_at(value_).end()) {
        refuse(fmt::format("has no member \"{}\"", member));
    }
    return {document_, &*found,
            place_.empty() ? std::string(member) : fmt::format("{}.{}", place_, member)};
}

JsonReader JsonReader::operator[](std::size_t index) const {
    if (!is_array()) {
        refuse("is no array");
    }
    if (index >= size()) {
        refuse(fmt::format("has {} elements and no element {}", size(), index));
    }
    return {document_, &value_at(value_)[index], fmt::format("{}[{}]", place_, index)};
}

bool JsonReader::has(std::string_view member) const {
    return is_object() && value_at(value_).contains(std::string(member));
}

bool JsonReader::is_null() const {
    return value_at(value_).is_null();
}

bool JsonReader::is_number() const {
    return value_at(value_).is_number();
}

bool JsonReader::is_string() const {
    return value_at(value_).is_string();
}

bool JsonReader::is_array() const {
    return value_at(value_).is_array();
}

bool JsonReader::is_object() const {
    return value_at(value_).is_object();
}

std::size_t JsonReader::size() const {
    if (!is_array() && !is_object()) {
        refuse("is neither an array nor an object");
    }
    return value_at(value_).size();
}

std::vector<JsonReader> JsonReader::elements() const {
    if (!is_array()) {
        refuse("is no array");
    }
    std::vector<JsonReader> all;
    for (std::size_t index = 0; index < size(); ++index) {
        all.push_back((*this)[index]);
    }
    return all;
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::members() const {
    if (!is_object()) {
        refuse("is no object");
    }
    std::vector<std::pair<std::string, JsonReader>> all;
    for (const auto& [name, value] : value_at(value_).items()) {
        all.emplace_back(name, (*this)[std::string_view(name)]);
    }
    return all;
}

std::string JsonReader::text() const {
    if (!is_string()) {
        refuse("is no string");
    }
    return value_at(value_).get<std::string>();
}

double JsonReader::number() const {
    if (!is_number()) {
        refuse("is no number");
    }
    return value_at(value_).get<double>();
}

std::uint64_t JsonReader::count() const {
    if (!value_at(value_).is_number_unsigned()) {
        refuse("is no whole number from 0 on");
    }
    return value_at(value_).get<std::uint64_t>();
}

int JsonReader::integer() const {
    const auto& value = value_at(value_);
    constexpr auto most = std::numeric_limits<int>::max();
    // A number without a sign may be above what fits into a std::int64_t.
    const bool fits = value.is_number_integer() &&
                      (value.is_number_unsigned() ? value.get<std::uint64_t>() <= most
                                                  : value.get<std::int64_t>() >= -most);
    if (!fits) {
        refuse(fmt::format("is no whole number from -{0} to {0}", most));
    }
    return value.get<int>();
}

bool JsonReader::truth() const {
    if (!value_at(value_).is_boolean()) {
        refuse("is neither true nor false");
    }
    return value_at(value_).get<bool>();
}

std::string JsonReader::dump() const {
    return value_at(value_).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace pinfold::apps
