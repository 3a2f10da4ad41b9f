// The Mandelbrot set as an image, which glows at its rim. Its black middle takes a hundred times as
// long as the rest: workers that are done take chunks from those that have many left.
#include <cmath>
#include <complex>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <pinfold/pinfold.hpp>

constexpr std::uint64_t width = 1200;
constexpr std::uint64_t height = 800;

std::uint8_t brightness(std::uint64_t pixel) {
    const double x = 3.6 * static_cast<double>(pixel % width) / width - 2.5;
    const double y = 2.4 * static_cast<double>(pixel / width) / height - 1.2;
    const std::complex<double> c(x, y);
    std::complex<double> z = 0;
    for (int step = 1; step <= 255; ++step) {
        z = z * z + c;
        if (std::norm(z) > 4) {
            return static_cast<std::uint8_t>(255 * std::cbrt(step / 255.0));
        }
    }
    return 0;
}

int main(int argc, char** argv) {
    pinfold::Pool pool;
    const auto image = pool.array<std::uint8_t>(width * height);
    pinfold::transform(pool, pinfold::Range{0, image.size()}, image, brightness);

    std::ofstream file(argc > 1 ? argv[1] : "mandelbrot.pgm", std::ios::binary);
    file << "P5\n" << width << ' ' << height << "\n255\n";
    for (const std::uint8_t pixel : image) {
        file.put(static_cast<char>(pixel));
    }
    const auto black = pinfold::count_if(pool, image, [](auto pixel) { return pixel == 0; });
    std::cout << black.value << " of " << image.size() << " pixels are black\n";
}
