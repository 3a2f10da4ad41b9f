#include "parsed_json.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

namespace pinfold::apps {

struct ParsedJson::Value {
    nlohmann::ordered_json json;
};

ParsedJson::ParsedJson() : value_(std::make_shared<const Value>()) {}

ParsedJson ParsedJson::parse(std::string_view text) {
    return ParsedJson(std::make_shared<const Value>(Value{nlohmann::ordered_json::parse(text)}));
}

ParsedJson ParsedJson::array() {
    return parse("[]");
}

ParsedJson ParsedJson::operator[](std::string_view member) const {
    const auto& found = value_->json.at(std::string(member));
    return ParsedJson(std::make_shared<const Value>(Value{found}));
}

ParsedJson ParsedJson::operator[](std::size_t index) const {
    return ParsedJson(std::make_shared<const Value>(Value{value_->json.at(index)}));
}

ParsedJson ParsedJson::back() const {
    return (*this)[size() - 1];
}

std::vector<ParsedJson> ParsedJson::elements() const {
    std::vector<ParsedJson> all;
    for (std::size_t i = 0; i < size(); ++i) {
        all.push_back((*this)[i]);
    }
    return all;
}

std::size_t ParsedJson::size() const {
    return value_->json.size();
}

bool ParsedJson::empty() const {
    return value_->json.empty();
}

bool ParsedJson::is_array() const {
    return value_->json.is_array();
}

bool ParsedJson::contains(std::string_view member) const {
    return value_->json.contains(std::string(member));
}

template <typename T>
T ParsedJson::get() const {
    return value_->json.get<T>();
}

template std::string ParsedJson::get() const;
template std::int64_t ParsedJson::get() const;
template std::uint64_t ParsedJson::get() const;

bool operator==(const ParsedJson& a, const ParsedJson& b) {
    return a.value_->json == b.value_->json;
}

void PrintTo(const ParsedJson& json, std::ostream* out) {
    *out << json.value_->json.dump();
}

}  // namespace pinfold::apps
