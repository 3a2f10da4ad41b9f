#include "shell/long_value.hpp"

#include <string>

namespace pinfold::apps {

namespace {

void print_json(Output& output, const Result& result, const Pieces& value) {
    Json::Members before{{"command", result.command}};
    before.insert(before.end(), result.answer.begin(), result.answer.end());
    std::string object = Json::object(before).dump();
    object.pop_back();  // the brace: the value and the report follow inside of it
    output.write(object + R"(,"value":")");
    value([&](std::string_view piece) { output.write(piece); });
    output.write(R"(","report":)" + Json::object(result.report).dump() + "}\n");
}

void print_csv(Output& output, const Result& result, const Pieces& value) {
    std::string names;
    std::string values;
    for (const auto& [name, member] : result.answer) {
        names += name + ",";
        values += member.cell() + ",";
    }
    output.write(names + "value\n" + values);
    value([&](std::string_view piece) { output.write(piece); });
    output.write("\n");
}

}  // namespace

void print_long_result(Output& output, Format format, const Result& result, const Pieces& value) {
    switch (format) {
        case Format::json:
            print_json(output, result, value);
            return;
        case Format::csv:
            print_csv(output, result, value);
            return;
        case Format::text:
            break;
    }
    value([&](std::string_view piece) { output.write(piece); });
    output.write("\n");
}

}  // namespace pinfold::apps
