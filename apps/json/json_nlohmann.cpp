// The library for JSON appears in this file alone: it knows how numbers and odd characters are
// written. What is between them is simple.
#include <nlohmann/json.hpp>

#include "json/json.hpp"

namespace pinfold::apps {

namespace {

std::string written(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Json::Json(double number) : text_(written(number)) {}

Json Json::object(const Members& members) {
    Json object;
    object.text_ = "{";
    for (const auto& [name, value] : members) {
        object.text_ += (object.text_.size() > 1 ? "," : "") + written(name) + ":" + value.dump();
    }
    object.text_ += "}";
    return object;
}

Json Json::array(const std::vector<Json>& elements) {
    Json array;
    array.text_ = "[";
    for (const Json& element : elements) {
        array.text_ += (array.text_.size() > 1 ? "," : "") + element.dump();
    }
    array.text_ += "]";
    return array;
}

Json::Members Json::members_of(std::string_view object) {
    const auto parsed = nlohmann::ordered_json::parse(object);
    Members members;
    for (const auto& [name, value] : parsed.items()) {
        Json member;
        member.text_ = value.dump();
        members.emplace_back(name, std::move(member));
    }
    return members;
}

std::string Json::dump() const {
    return is_string_ ? written(text_) : text_;
}

}  // namespace pinfold::apps
