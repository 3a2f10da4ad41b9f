#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

struct Image {
    std::string name;
    std::size_t width = 0;
    std::vector<unsigned char> pixels;
};

// An image of one row in each file: a stand-in for a library that reads the true ones.
Image shrink(const std::string& file, std::size_t width) {
    if (!file.ends_with(".jpg")) {
        throw std::invalid_argument(file + " is no image");
    }
    const std::vector<unsigned char> pixels(1920, static_cast<unsigned char>(file.size()));
    Image small{.name = file, .width = width, .pixels = {}};
    for (std::size_t x = 0; x < width; ++x) {
        small.pixels.push_back(pixels[pixels.size() * x / width]);
    }
    return small;
}

int main() {
    const std::vector<std::string> files{"sea.jpg", "forest.jpg", "notes.txt", "town.jpg"};
    pinfold::Pool pool;
    std::vector<pinfold::Future<Image>> futures;
    for (const auto& file : files) {
        futures.push_back(pool.submit(shrink, file, 640));
    }
    std::size_t pixels = 0;
    for (auto& future : pinfold::as_completed(futures)) {
        try {
            pixels += future.get().pixels.size();
        } catch (const pinfold::TaskFailed& failed) {
            std::cout << failed.details().exception_text << '\n';
        }
    }
    std::cout << pixels << " pixels\n";
}
