// A scan for braces outside of functions. What stands before a brace says what it opens: a
// namespace or a type, which the scan enters; a function, which it measures and passes by; or a
// value.
#include "functions.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "source_tree.hpp"

namespace house {
namespace {

enum class Brace { scope, function, value };

std::string one_line(std::string_view text) {
    static const std::regex white_space("\\s+");
    static const std::regex ends("^ | $");
    const std::string joined = std::regex_replace(std::string(text), white_space, " ");
    return std::regex_replace(joined, ends, "");
}

/// Code without its preprocessor's lines, whose braces need not match.
std::string without_directives(const std::string& code) {
    static const std::regex directive(R"((^|\n)[ \t]*#([^\n\\]|\\[^\n])*(\\\n[^\n]*)*)");
    std::string rest;
    std::size_t from = 0;
    for (std::sregex_iterator it(code.begin(), code.end(), directive), end; it != end; ++it) {
        const auto at = static_cast<std::size_t>(it->position());
        const std::string gone = it->str();
        rest.append(code, from, at - from);
        rest.append(static_cast<std::size_t>(std::count(gone.begin(), gone.end(), '\n')), '\n');
        from = at + gone.size();
    }
    return rest + code.substr(from);
}

/// What a brace opens, by the line of code before it and the character after its end.
Brace meaning(const std::string& head, char next) {
    static const std::regex template_head("^(template ?<[^(){};]*> ?)+");
    static const std::regex scope(
        R"(^(\[\[[^\]]*\]\] ?)*(inline )?(namespace|extern|class|struct|union|enum|typedef)\b)");
    static const std::regex expression(R"(\brequires ?(\([^()]*\))?$)");
    static const std::regex lambda(R"(= ?\[[^\]]*\])");
    if (std::regex_search(std::regex_replace(head, template_head, ""), scope)) {
        return Brace::scope;
    }
    if (std::regex_search(head, expression) || head.ends_with('=')) {
        return Brace::value;
    }
    if (std::regex_search(head, lambda)) {
        return Brace::function;
    }
    // `int x{0};` and, in a constructor, the braces of `: a_{1}, b_{2} {`.
    const bool continued = next == ';' || next == ',' || next == '{';
    return head.find(')') == std::string::npos || continued ? Brace::value : Brace::function;
}

class Scan {
  public:
    explicit Scan(std::string_view text) : code_(without_directives(code_only(text))) {}

    std::vector<Function> functions() {
        while (at_ < code_.size()) {
            step(code_[at_]);
        }
        if (depth_ != 0) {
            throw std::runtime_error("braces do not match");
        }
        return std::move(found_);
    }

  private:
    void step(char c) {
        parentheses_ += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (c == '{') {
            open();
            return;
        }
        ++at_;
        if (parentheses_ > 0) {
            return;
        }
        if (c == '}' && --depth_ < 0) {
            throw std::runtime_error("braces do not match");
        }
        if (c == ';' || c == '}' || (c == ':' && after_access())) {
            head_ = at_;
        }
    }

    void open() {
        const std::size_t end = matching(at_);
        const std::size_t next = std::min(code_.find_first_not_of(" \t\n", end), code_.size());
        const std::string head = one_line(std::string_view(code_).substr(head_, at_ - head_));
        const Brace brace = parentheses_ > 0
                                ? Brace::value
                                : meaning(head, next < code_.size() ? code_[next] : ' ');
        if (brace == Brace::scope) {
            ++depth_;
            head_ = ++at_;
            return;
        }
        if (brace == Brace::function) {
            const std::size_t first = code_.find_first_not_of(" \t\n", head_);
            found_.push_back({head, 1 + newlines(0, first), 1 + newlines(first, end)});
            head_ = end;
        }
        at_ = end;
    }

    /// The place after the brace that closes the one at `from`.
    std::size_t matching(std::size_t from) const {
        int depth = 0;
        for (std::size_t at = from; at < code_.size(); ++at) {
            depth += (code_[at] == '{') - (code_[at] == '}');
            if (depth == 0) {
                return at + 1;
            }
        }
        throw std::runtime_error("braces do not match");
    }

    bool after_access() const {
        static const std::regex access("^(public|private|protected) ?:$");
        return std::regex_match(one_line(std::string_view(code_).substr(head_, at_ - head_)),
                                access);
    }

    int newlines(std::size_t from, std::size_t to) const {
        const auto begin = code_.begin();
        return static_cast<int>(std::count(begin + static_cast<std::ptrdiff_t>(from),
                                           begin + static_cast<std::ptrdiff_t>(to), '\n'));
    }

    std::string code_;
    std::size_t at_ = 0;
    std::size_t head_ = 0;  ///< where the declaration at hand begins
    int parentheses_ = 0;
    int depth_ = 0;  ///< of namespaces and types
    std::vector<Function> found_;
};

}  // namespace

std::vector<Function> functions(std::string_view text) {
    return Scan(text).functions();
}

}  // namespace house
