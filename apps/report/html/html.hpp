#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfold::apps::report {

/// A text for a page: what HTML gives a meaning to is escaped, and what no page may hold (control
/// characters, bytes that are no UTF-8) becomes U+FFFD. Right between tags and in an attribute.
[[nodiscard]] std::string escaped(std::string_view text);

/// A piece of HTML that grows from its begin to its end. All text passes escaped() here.
///
///     Html html;
///     {
///         const auto row = html.in("p", {{"class", "note"}});
///         html.text("a < b");
///     }
///     html.take();  // <p class="note">a &lt; b</p>
class Html {
  public:
    using Attributes = std::vector<std::pair<std::string_view, std::string>>;

    /// An element that ends with its scope.
    class Element {
      public:
        Element(Html& html, std::string_view tag) : html_(html), tag_(tag) {}
        ~Element() { html_.end(tag_); }
        Element(const Element&) = delete;
        Element& operator=(const Element&) = delete;

      private:
        Html& html_;
        std::string tag_;
    };

    [[nodiscard]] Element in(std::string_view tag, const Attributes& attributes = {});

    /// An element that holds a text alone.
    void element(std::string_view tag, std::string_view text, const Attributes& attributes = {});

    void text(std::string_view text) { markup_ += escaped(text); }

    /// Markup that is escaped already: of another Html, or a drawing that this program made.
    void markup(std::string_view markup) { markup_ += markup; }

    [[nodiscard]] std::size_t size() const noexcept { return markup_.size(); }
    [[nodiscard]] std::string take() { return std::exchange(markup_, {}); }

  private:
    void begin(std::string_view tag, const Attributes& attributes);
    void end(std::string_view tag);

    std::string markup_;
};

}  // namespace pinfold::apps::report
