#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

// The programs that come with Phoenix++, each with its main() left out. They are C++ of 2011: this
// header and the sources that include it are compiled as C++17. What a program keeps in variables
// of its own is set here, so none of them may be called by two threads.

namespace bench::phoenix {

/// What a call took, from the begin of the library's run to its end, and what it found. Threads are
/// started before.
struct Timed {
    double seconds = 0;
    std::vector<std::uint64_t> found;
};

/// How often each value of blue, green and red occurs; a pixel takes three bytes.
[[nodiscard]] Timed histogram(const char* pixels, std::uint64_t size);

/// The means after so many rounds, of points and means of three coordinates. At most 100 means.
[[nodiscard]] Timed kmeans(const std::vector<int>& points, const std::vector<int>& means,
                           int rounds);

/// The sums of x, y, x^2, y^2 and x y over points of a byte each.
[[nodiscard]] Timed linear_regression(const char* points, std::uint64_t size);

/// Adds a * b to `product`; finds nothing.
[[nodiscard]] Timed matrix_multiply(int* a, int* b, int* product, int size);

/// The covariances of all pairs of at most 1000 rows, row by row, each from itself on.
[[nodiscard]] Timed pca(int* matrix, int rows, int columns);

/// How often each of its four words stands among the lines.
[[nodiscard]] Timed string_match(char* lines, std::uint64_t size);

struct TimedWords {
    double seconds = 0;
    std::vector<std::pair<std::string_view, std::uint64_t>> found;
};

/// The words of the text in upper case, by how often they occur, rarest first. It writes into the
/// text, of which the views are, and up to a byte behind it.
[[nodiscard]] TimedWords word_count(char* text, std::uint64_t size);

}  // namespace bench::phoenix
