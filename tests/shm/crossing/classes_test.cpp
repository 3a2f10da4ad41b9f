// Classes that write themselves, by each of the ways that cereal knows.
#include <gtest/gtest.h>

#include <cereal/types/base_class.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "round_trip.hpp"

namespace pinfold::shm {

// What lies in it is found in the namespace of the class, and nowhere else.
namespace classes {

struct Plain {
    std::string text;
    std::map<std::string, int> counts;

    bool operator==(const Plain&) const = default;
};

class Member {
  public:
    Member() = default;
    explicit Member(std::string text) : text_(std::move(text)), plain_{"plain", {{"one", 1}}} {}
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(text_, CEREAL_NVP(number_));
        archive& plain_& numbers_;
    }
    bool operator==(const Member&) const = default;

  private:
    std::string text_;
    int number_ = 7;
    Plain plain_;
    std::vector<double> numbers_{0.5, 1.5};
};

class Private {
  public:
    Private() = default;
    explicit Private(std::string text) : text_(std::move(text)) {}
    bool operator==(const Private&) const = default;

  private:
    friend class cereal::access;
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(text_);
    }

    std::string text_;
};

class Outside {
  public:
    std::string text;
    int not_written = 0;
};
template <typename Archive>
void serialize(Archive& archive, Outside& value) {
    archive(value.text);
}

class Split {
  public:
    Split() = default;
    explicit Split(std::string text) : text_(std::move(text)) {}
    template <typename Archive>
    void save(Archive& archive) const {
        archive << cereal::make_size_tag(text_.size());
        archive << cereal::binary_data(text_.data(), text_.size());
    }
    template <typename Archive>
    void load(Archive& archive) {
        cereal::size_type size = 0;
        archive >> cereal::make_size_tag(size);
        text_.resize(size);
        archive >> cereal::binary_data(text_.data(), text_.size());
    }
    bool operator==(const Split&) const = default;

  private:
    std::string text_;
};

template <typename T>
class Minimal {
  public:
    Minimal() = default;
    explicit Minimal(T value) : value_(std::move(value)) {}
    template <typename Archive>
    [[nodiscard]] T save_minimal(const Archive&) const {
        return value_;
    }
    template <typename Archive>
    void load_minimal(const Archive&, const T& value) {
        value_ = value;
    }
    bool operator==(const Minimal&) const = default;

  private:
    T value_{};
};

class Versioned : public Member {
  public:
    Versioned() = default;
    explicit Versioned(int number) : Member("base"), number_(number) {}
    template <typename Archive>
    void serialize(Archive& archive, std::uint32_t version) {
        EXPECT_EQ(version, 3U);
        archive(cereal::base_class<Member>(this), number_);
    }
    bool operator==(const Versioned&) const = default;

  private:
    int number_ = 0;
};

class Left : public virtual Member {
  public:
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(cereal::virtual_base_class<Member>(this), left);
    }
    std::string left;
};
class Right : public virtual Member {
  public:
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(cereal::virtual_base_class<Member>(this), right);
    }
    std::string right;
};
class Both : public Left, public Right {
  public:
    Both() = default;
    Both(std::string of_left, std::string of_right) : Member("virtual") {
        left = std::move(of_left);
        right = std::move(of_right);
    }
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(cereal::base_class<Left>(this), cereal::base_class<Right>(this));
    }
};

class Later {
  public:
    Later() = default;
    explicit Later(std::string text) : text_(std::move(text)) {}
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(cereal::defer(text_), cereal::defer(texts_), number_);
        archive.serializeDeferments();
    }
    bool operator==(const Later&) const = default;

  private:
    std::string text_;
    std::vector<std::string> texts_{"a", "b"};
    int number_ = 3;
};

/// Can be moved, and not copied.
class Node {
  public:
    Node() = default;
    Node(Node&&) = default;
    Node& operator=(Node&&) = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() = default;
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(name, children);
    }
    bool operator==(const Node&) const = default;

    std::string name;
    std::vector<Node> children;
};

class Nothing {
  public:
    Nothing() = default;
    Nothing(const Nothing&) noexcept {}
    Nothing& operator=(const Nothing&) noexcept { return *this; }
    ~Nothing() = default;
    template <typename Archive>
    void serialize(Archive&) {}
    bool operator==(const Nothing&) const { return true; }
};

class Throws {
  public:
    template <typename Archive>
    void save(Archive&) const {
        throw std::runtime_error("not today");
    }
    template <typename Archive>
    void load(Archive&) {}

    std::string text;
};

}  // namespace classes

namespace {

using namespace classes;

TEST(CrossingClasses, HaveSerialize) {
    expect_crosses(Member("member"));
    expect_crosses(Private("private"));
    expect_crosses(std::vector<Member>(3, Member("member")));
    expect_crosses(std::map<std::string, Private>{{"a", Private("b")}});
    const Outside back = round_trip(Outside{"text", 5});
    EXPECT_EQ(back.text, "text");
    EXPECT_EQ(back.not_written, 0);
}

TEST(CrossingClasses, HaveSaveAndLoad) {
    expect_crosses(Split("split"));
    expect_crosses(std::vector<Split>{Split(""), Split("text")});
}

TEST(CrossingClasses, HaveMinimalFunctions) {
    expect_crosses(std::vector<Minimal<std::string>>(2, Minimal<std::string>("text")));
    expect_crosses(std::pair<std::string, Minimal<int>>("a", 7));
}

TEST(CrossingClasses, HaveVersionsAndBases) {
    expect_crosses(Versioned(5));
    expect_crosses(std::vector<Versioned>(2, Versioned(6)));
    const Both back = round_trip(Both("left", "right"));
    EXPECT_TRUE(static_cast<const Member&>(back) == Member("virtual"));
    EXPECT_EQ(back.left + back.right, "leftright");
    EXPECT_EQ(message_of(Both("", "")).size(), message_of(Member("virtual")).size() + 2);
}

TEST(CrossingClasses, MayDeferWhatTheyWrite) {
    expect_crosses(Later("later"));
}

TEST(CrossingClasses, MayHoldThemselves) {
    Node root;
    root.name = "root";
    root.children.resize(2);
    root.children[1].name = "child";
    EXPECT_TRUE(round_trip(root) == root);

    Node deep;
    for (unsigned depth = 1; depth < deepest_message; ++depth) {
        Node outer;
        outer.children.push_back(std::move(deep));
        deep = std::move(outer);
    }
    const std::vector<std::byte> message = message_of(deep);
    EXPECT_TRUE(CrossingOf<Node>::read(message) == deep);
    // A node is its name, of no letters, and one child.
    std::vector<std::byte> deeper(2);
    deeper[1] = std::byte{1};
    deeper.insert(deeper.end(), message.begin(), message.end());
    EXPECT_THROW((void)CrossingOf<Node>::read(deeper), BadMessage);
}

TEST(CrossingClasses, MayWriteNothing) {
    expect_crosses(Nothing());
    expect_crosses(std::vector<Nothing>(5));
    expect_crosses(std::pair<std::string, std::vector<Nothing>>("a", 2));
}

TEST(CrossingClasses, MayThrow) {
    EXPECT_THROW((void)CrossingOf<Throws>::write(Throws{}, {}), std::runtime_error);
}

}  // namespace
}  // namespace pinfold::shm

CEREAL_CLASS_VERSION(pinfold::shm::classes::Versioned, 3)
