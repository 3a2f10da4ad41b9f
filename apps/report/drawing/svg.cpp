// gnuplot states for every line and label how it is drawn, in groups within groups. Here the groups
// go: each line, area, marker and text becomes one element that says what differs from the page's
// style sheet. That takes a fifth of the bytes.

#include "report/drawing/svg.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

#include "report/drawing/svg_reader.hpp"

namespace pinfold::apps::report {

namespace {

/// The number at the begin of the text, which is taken from it with what separates it.
std::optional<double> take_number(std::string_view& text) {
    const std::size_t begin = text.find_first_of("0123456789.-+");
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data() + begin, text.data() + text.size(), number);
    if (error != std::errc() || !std::isfinite(number)) {
        throw std::invalid_argument("a coordinate is no number");
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

double number_in(std::string_view text, double otherwise) {
    return take_number(text).value_or(otherwise);
}

/// With a tenth of a pixel, and no more characters than that takes.
std::string coordinate(double number) {
    std::string text = fmt::format("{:.1f}", number);
    if (text.ends_with(".0")) {
        text.resize(text.size() - 2);
    }
    return text == "-0" ? "0" : text;
}

/// The Paint of a sentinel colour, rgb(1, 1, NN); 1, which is ink, of any other.
int paint_of(std::string_view colour) {
    constexpr int ink = 1;
    if (!colour.starts_with("rgb(")) {
        return ink;
    }
    const double red = take_number(colour).value_or(0);
    const double green = take_number(colour).value_or(0);
    const double blue = take_number(colour).value_or(0);
    return red == 1 && green == 1 ? static_cast<int>(blue) : ink;
}

std::string dashes(std::string_view list) {
    std::string text;
    while (const auto number = take_number(list)) {
        text += (text.empty() ? "" : ",") + coordinate(*number);
    }
    return text;
}

/// The pieces of a drawing, with what the groups around them say.
class Cleaner {
  public:
    explicit Cleaner(std::string_view text) : reader_(text) {}

    Drawing clean() {
        SvgToken token;
        bool is_whole = false;
        while (reader_.next(token)) {
            if (token.kind == SvgToken::Kind::begin) {
                begin(token);
            } else if (token.kind == SvgToken::Kind::end) {
                is_whole = token.name == "svg";
                end(token);
            }
        }
        if (!is_whole || drawing_.width <= 0 || drawing_.height <= 0) {
            throw std::invalid_argument("the drawing is not whole");
        }
        return std::move(drawing_);
    }

  private:
    void begin(const SvgToken& token) {
        if (token.name == "svg") {
            std::string_view box = token.get("viewBox");
            take_number(box);
            take_number(box);
            drawing_.width = static_cast<int>(take_number(box).value_or(0));
            drawing_.height = static_cast<int>(take_number(box).value_or(0));
        } else if (token.name == "g") {
            groups_.push_back(token);
        } else if (token.name == "path") {
            add_path(token);
        } else if (token.name == "polygon") {
            add_polygon(token);
        } else if (token.name == "use") {
            add_marker(token);
        } else if (token.name == "text") {
            add_text();
        } else {
            reader_.skip(token);
        }
    }

    void end(const SvgToken& token) {
        if (token.name == "g" && !groups_.empty()) {
            groups_.pop_back();
        }
    }

    /// What the innermost group says that says anything.
    [[nodiscard]] std::string_view inherited(std::string_view attribute) const {
        for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
            if (const std::string_view value = group->get(attribute); !value.empty()) {
                return value;
            }
        }
        return {};
    }

    void add_path(const SvgToken& token) {
        const std::string data = short_path(token.get("d"));
        if (data.empty()) {
            return;
        }
        const double width = number_in(inherited("stroke-width"), 1);
        const std::string dash = dashes(token.get("stroke-dasharray"));
        drawing_.content += fmt::format("<path class=\"s{}\"", paint_of(token.get("stroke")));
        if (width != 1) {
            drawing_.content += fmt::format(" stroke-width=\"{}\"", coordinate(width));
        }
        if (!dash.empty()) {
            drawing_.content += " stroke-dasharray=\"" + dash + "\"";
        }
        drawing_.content += " d=\"" + data + "\"/>";
    }

    void add_polygon(const SvgToken& token) {
        std::string points;
        std::string_view list = token.get("points");
        while (const auto number = take_number(list)) {
            points += (points.empty() ? "" : " ") + coordinate(*number);
        }
        drawing_.content += fmt::format("<polygon class=\"f{}\"", paint_of(token.get("fill")));
        const double opacity = number_in(token.get("fill-opacity"), 1);
        if (opacity != 1) {
            drawing_.content += fmt::format(" fill-opacity=\"{}\"", opacity);
        }
        drawing_.content += " points=\"" + points + "\"/>";
    }

    void add_marker(const SvgToken& token) {
        std::string_view target = token.get("xlink:href");
        const double number = number_in(target, 0);
        std::string_view place = token.get("transform");
        const double x = take_number(place).value_or(0);
        const double y = take_number(place).value_or(0);
        const double size = take_number(place).value_or(1);
        drawing_.content += fmt::format(
            "<use href=\"#m{}\" class=\"k{}\" transform=\"translate({},{})scale({})\"/>",
            static_cast<int>(number), paint_of(token.get("color")), coordinate(x), coordinate(y),
            coordinate(size));
    }

    void add_text() {
        SvgToken token;
        if (!reader_.next(token) || token.kind != SvgToken::Kind::text) {
            return;
        }
        std::string_view place = inherited("transform");
        const bool turns = place.find("rotate") != std::string_view::npos;
        const double x = take_number(place).value_or(0);
        const double y = take_number(place).value_or(0);
        const double angle = turns ? take_number(place).value_or(0) : 0;
        const std::string_view anchor = inherited("text-anchor");
        drawing_.content += "<text";
        if (anchor == "middle" || anchor == "end") {
            drawing_.content += fmt::format(" text-anchor=\"{}\"", anchor);
        }
        drawing_.content += angle == 0
                                ? fmt::format(" x=\"{}\" y=\"{}\">", coordinate(x), coordinate(y))
                                : fmt::format(" transform=\"translate({},{})rotate({})\">",
                                              coordinate(x), coordinate(y), coordinate(angle));
        drawing_.content += token.name + "</text>";
    }

    SvgReader reader_;
    std::vector<SvgToken> groups_;
    Drawing drawing_;
};

/// Draws a path anew, and leaves out moves from which no line goes.
class ShortPath {
  public:
    void move(double x, double y) {
        x_ = coordinate(x);
        y_ = coordinate(y);
        is_begun_ = false;
    }

    void line(double x, double y) {
        if (!is_begun_) {
            text_ += "M" + x_ + "," + y_;
            is_begun_ = true;
        }
        const std::string to_x = coordinate(x);
        const std::string to_y = coordinate(y);
        if (to_y == y_) {
            text_ += "H" + to_x;
        } else if (to_x == x_) {
            text_ += "V" + to_y;
        } else {
            text_ += "L" + to_x + "," + to_y;
        }
        x_ = to_x;
        y_ = to_y;
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string x_;
    std::string y_;
    bool is_begun_ = false;
};

}  // namespace

std::string short_path(std::string_view data) {
    ShortPath path;
    for (std::size_t at = data.find_first_of("ML"); at != std::string_view::npos;) {
        const std::size_t next = data.find_first_of("ML", at + 1);
        std::string_view point = data.substr(at + 1, next - at - 1);
        const auto x = take_number(point);
        const auto y = take_number(point);
        if (!x || !y) {
            throw std::invalid_argument("a path has half of a point");
        }
        if (data[at] == 'M') {
            path.move(*x, *y);
        } else {
            path.line(*x, *y);
        }
        at = next;
    }
    return path.take();
}

Drawing drawing_of_gnuplot(std::string_view text) {
    return Cleaner(text).clean();
}

std::string marker_symbols() {
    // As gnuplot draws them, one unit around the origin. What is open is the odd one of each pair.
    struct Shape {
        int open;
        std::string_view path;
    };
    static constexpr Shape shapes[] = {
        {3, "M-.9-.9H.9V.9H-.9z"},
        {5, "M-1,0A1,1 0 1 1 1,0A1,1 0 1 1-1,0z"},
        {7, "M0-1.33-1.33.67H1.33z"},
        {9, "M0,1.33-1.33-.67H1.33z"},
        {11, "M0-1.41-1.41,0 0,1.41 1.41,0z"},
        {13, "M0-1.33 1.27-.41.78,1.08H-.78L-1.27-.41z"},
    };
    // Crosses, which are neither open nor filled.
    std::string text =
        "<path id=\"m0\" stroke-width=\".4\" stroke=\"currentColor\" d=\"M-1.1,0H1.1M0-1.1V1.1\"/>"
        "<path id=\"m1\" stroke-width=\".4\" stroke=\"currentColor\" "
        "d=\"M-.9-.9L.9,.9M.9-.9L-.9,.9\"/>";
    for (const Shape& shape : shapes) {
        text += fmt::format(
            "<path id=\"m{}\" stroke-width=\".35\" stroke=\"currentColor\" fill=\"var(--page)\" "
            "d=\"{}\"/>",
            shape.open, shape.path);
        text += fmt::format(
            "<path id=\"m{}\" stroke-width=\".22\" stroke=\"currentColor\" fill=\"currentColor\" "
            "d=\"{}\"/>",
            shape.open + 1, shape.path);
    }
    return text;
}

}  // namespace pinfold::apps::report
