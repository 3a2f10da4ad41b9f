// Which types do not cross, and which of the types in them is named for it.
#include <gtest/gtest.h>

#include <any>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/crossing.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace pinfold::shm {
namespace {

struct Holds {
    std::string text;
    int* pointer;
};
struct Polymorphic {
    virtual ~Polymorphic() = default;
    std::string text;
};
struct HasReference {
    std::string text;
    int& number;
};
struct HasConstReference {
    std::string text;
    const double& number;
};
struct HasConst {
    const std::string text;
};
struct Plain {
    std::string text;
};
struct HasBase : Plain {
    int number = 0;
};
struct Serialized {
    std::string text;
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(text);
    }
};
struct Inherits : Serialized {
    int number = 0;
};
struct AddsNothing : Serialized {};
struct Half {
    std::string text;
    template <typename Archive>
    void save(Archive& archive) const {
        archive(text);
    }
};
struct Twice : Serialized {
    template <typename Archive>
    void save(Archive& archive) const {
        archive(text);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text);
    }
};
class NoDefault {
  public:
    explicit NoDefault(int);
    template <typename Archive>
    void serialize(Archive&);

  private:
    std::string text_;
};
class Hidden {
    std::string text_;
};
union Union {
    Union();
    Union(const Union&);
    ~Union();
    std::string text;
};
struct ByLength {
    std::size_t length;
    bool operator()(const std::string& a, const std::string& b) const;
};
using ByFunction = std::map<std::string, int, bool (*)(const std::string&, const std::string&)>;

/// Wherever the type stands.
template <typename T, CrossingFault fault>
void expect_fault() {
    static_assert(std::is_trivially_copyable_v<T> || CrossingOf<T>::fault == fault);
    static_assert(!CrossingOf<std::vector<std::optional<T>>>::is_there);
    using Deep = std::map<std::string, std::tuple<int, std::vector<std::optional<T>>, int*>>;
    static_assert(crossing_fault<Deep>() == fault);
    static_assert(std::is_same_v<typename CrossingOf<Deep>::Culprit, T>);
}

TEST(CrossingJudgement, NamesTheInnermostTypeThatIsWrong) {
    static_assert(std::is_same_v<CrossingOf<std::vector<Holds>>::Culprit, int*>);
    static_assert(std::is_same_v<CrossingOf<std::tuple<std::string, Holds>>::Culprit, int*>);
    static_assert(std::is_same_v<CrossingOf<std::string>::Culprit, void>);
}

TEST(CrossingJudgement, RefusesPointersOfEachKind) {
    expect_fault<std::unique_ptr<int>, CrossingFault::smart_pointer>();
    expect_fault<std::shared_ptr<int>, CrossingFault::smart_pointer>();
    expect_fault<std::weak_ptr<int>, CrossingFault::smart_pointer>();
    expect_fault<std::unique_ptr<int[]>, CrossingFault::smart_pointer>();
    expect_fault<std::unique_ptr<Polymorphic>, CrossingFault::smart_pointer>();
    expect_fault<const char*, CrossingFault::raw_pointer>();
    expect_fault<Polymorphic, CrossingFault::polymorphic>();
    expect_fault<std::function<void()>, CrossingFault::function>();
    expect_fault<std::string_view, CrossingFault::view>();
    expect_fault<std::reference_wrapper<int>, CrossingFault::reference_or_const>();
    static_assert(CrossingOf<std::string&>::fault == CrossingFault::reference_or_const);
}

TEST(CrossingJudgement, RefusesWhatCannotBeMade) {
    expect_fault<HasReference, CrossingFault::reference_or_const>();
    expect_fault<HasConstReference, CrossingFault::reference_or_const>();
    expect_fault<HasConst, CrossingFault::reference_or_const>();
    static_assert(CrossingOf<std::list<std::mutex>>::fault == CrossingFault::not_copyable);
    static_assert(CrossingOf<std::list<std::atomic<int>>>::fault == CrossingFault::not_copyable);
}

TEST(CrossingJudgement, RefusesClassesOfWhichItKnowsTooLittle) {
    expect_fault<HasBase, CrossingFault::has_base>();
    expect_fault<Inherits, CrossingFault::inherited_serialize>();
    expect_fault<Half, CrossingFault::half_serialized>();
    expect_fault<Twice, CrossingFault::serialized_twice>();
    expect_fault<NoDefault, CrossingFault::no_default_constructor>();
    expect_fault<Hidden, CrossingFault::hidden_members>();
    expect_fault<Union, CrossingFault::hidden_members>();
    expect_fault<std::any, CrossingFault::hidden_members>();
    const auto lambda = [text = std::string()] { return text; };
    expect_fault<std::remove_const_t<decltype(lambda)>, CrossingFault::hidden_members>();
    static_assert(CrossingOf<AddsNothing>::is_there);
}

TEST(CrossingJudgement, RefusesAnOrderThatIsMoreThanItsType) {
    static_assert(CrossingOf<ByFunction>::fault == CrossingFault::stateful_order);
    using ByMember = std::set<std::string, ByLength>;
    static_assert(CrossingOf<ByMember>::fault == CrossingFault::stateful_order);
    static_assert(CrossingOf<std::set<std::string, std::greater<>>>::is_there);
}

TEST(CrossingJudgement, KnowsWhatMayHoldAnAddress) {
    static_assert(!CrossingOf<std::vector<std::pair<std::string, double>>>::may_hold_address);
    static_assert(CrossingOf<std::vector<std::span<int>>>::may_hold_address);
    static_assert(CrossingOf<std::pair<std::string, Array<int>>>::may_hold_address);
    static_assert(CrossingOf<Serialized>::may_hold_address);
}

TEST(CrossingJudgement, LeavesWhatIsShareableToItsBytes) {
    static_assert(!CrossingOf<int>::is_there);
    static_assert(!CrossingOf<std::array<double, 3>>::is_there);
}

}  // namespace
}  // namespace pinfold::shm
