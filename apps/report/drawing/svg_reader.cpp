#include "report/drawing/svg_reader.hpp"

#include <stdexcept>

namespace pinfold::apps::report {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The next NAME = "VALUE" of a tag, which is taken from `text`. gnuplot writes blanks around the
/// =.
bool take_attribute(std::string_view& text, SvgToken& token) {
    const std::size_t equals = text.find('=');
    const std::size_t open = text.find_first_of("'\"", equals);
    if (equals == std::string_view::npos || open == std::string_view::npos) {
        return false;
    }
    const std::size_t close = text.find(text[open], open + 1);
    if (close == std::string_view::npos) {
        throw std::invalid_argument("an attribute has no end");
    }
    token.attributes.emplace(trimmed(text.substr(0, equals)),
                             text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
    return true;
}

SvgToken tag_of(std::string_view inside) {
    SvgToken token{.kind = SvgToken::Kind::begin};
    if (inside.starts_with('/')) {
        token.kind = SvgToken::Kind::end;
        inside.remove_prefix(1);
    }
    if (inside.ends_with('/')) {
        token.is_empty = true;
        inside.remove_suffix(1);
    }
    const std::size_t end = std::min(inside.find_first_of(blanks), inside.size());
    token.name = inside.substr(0, end);
    inside.remove_prefix(end);
    while (take_attribute(inside, token)) {
    }
    return token;
}

}  // namespace

std::string_view SvgToken::get(std::string_view attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? std::string_view() : found->second;
}

std::string_view SvgReader::take_up_to(std::string_view end) {
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) {
        throw std::invalid_argument("a tag has no end");
    }
    const std::string_view taken = rest_.substr(0, at);
    rest_.remove_prefix(at + end.size());
    return taken;
}

bool SvgReader::next(SvgToken& token) {
    while (!rest_.empty()) {
        if (rest_.starts_with("<!--")) {
            take_up_to("-->");
        } else if (rest_.starts_with("<?") || rest_.starts_with("<!")) {
            take_up_to(">");
        } else if (rest_.starts_with("<")) {
            rest_.remove_prefix(1);
            token = tag_of(take_up_to(">"));
            return true;
        } else {
            const std::string_view text = rest_.substr(0, rest_.find('<'));
            rest_.remove_prefix(text.size());
            if (!trimmed(text).empty()) {
                token = {.name = std::string(trimmed(text))};
                return true;
            }
        }
    }
    return false;
}

void SvgReader::skip(const SvgToken& begun) {
    int depth = begun.is_empty ? 0 : 1;
    SvgToken token;
    while (depth > 0 && next(token)) {
        if (token.kind == SvgToken::Kind::end) {
            --depth;
        } else if (token.kind == SvgToken::Kind::begin && !token.is_empty) {
            ++depth;
        }
    }
}

}  // namespace pinfold::apps::report
