#pragma once

#include <unistd.h>

#include <utility>

namespace pinfold::apps {

/// Owns a file descriptor and closes it.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

}  // namespace pinfold::apps
