#pragma once

// What a class's own serialize(), save() and load() get: archives of cereal over plain memory. What
// has a form of ours keeps it inside of them. Not for users.

#include <pinfold/api.hpp>
#if !__has_include(<cereal/cereal.hpp>)
// A file that is missing ends the compilation with one error. After an #error, more would follow.
#include "pinfold/shm/crossing.hpp needs cereal: install libcereal-dev"
#endif

#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstring>
#include <pinfold/shm/crossing/form.hpp>
#include <pinfold/shm/crossing/sinks.hpp>
#include <pinfold/shm/crossing/source.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace pinfold::shm::detail {

template <typename Out, typename T>
void encode(Out& out, const T& value);
template <typename In, typename T>
void fill(In& in, T& value);
/// Refuses a member that does not cross, as check_crossing() refuses a whole.
template <typename T>
consteval bool check_member();

/// What cereal itself makes of a value for the archive's sake, and resolves itself.
template <typename T>
inline constexpr bool is_for_cereal = false;
template <typename T>
inline constexpr bool is_for_cereal<cereal::virtual_base_class<T>> = true;
template <typename T>
inline constexpr bool is_for_cereal<cereal::DeferredData<T>> = true;
template <typename K, typename V>
inline constexpr bool is_for_cereal<cereal::MapItem<K, V>> = true;

// Writes to a sink, which it is.
template <typename Sink>
class OutArchive : public Sink,
                   public cereal::OutputArchive<OutArchive<Sink>, cereal::AllowEmptyClassElision> {
    using Cereal = cereal::OutputArchive<OutArchive<Sink>, cereal::AllowEmptyClassElision>;

  public:
    template <typename... Args>
    explicit OutArchive(Args&&... args) : Sink(std::forward<Args>(args)...), Cereal(this) {}

    template <typename... Ts>
    OutArchive& operator()(Ts&&... values) {
        (one(values), ...);
        return *this;
    }
    template <typename T>
    OutArchive& operator&(T&& value) {
        return (*this)(value);
    }
    template <typename T>
    OutArchive& operator<<(T&& value) {
        return (*this)(value);
    }

    /// Calls the class's own function.
    template <typename T>
    void by_cereal(const T& value) {
        Cereal::operator()(value);
    }

  private:
    template <typename T>
    void one(const T& value) {
        if constexpr (is_for_cereal<T>) {
            by_cereal(value);
        } else if constexpr (check_member<T>()) {
            encode(*this, value);
        }
    }
    template <typename T>
    void one(const cereal::NameValuePair<T>& pair) {
        (*this)(pair.value);
    }
    template <typename T>
    void one(const cereal::base_class<T>& base) {
        (*this)(*base.base_ptr);
    }
    template <typename T>
    void one(const cereal::SizeTag<T>& tag) {
        Sink::size(static_cast<std::size_t>(tag.size));
    }
    template <typename T>
    void one(const cereal::BinaryData<T>& data) {
        Sink::block(static_cast<const std::byte*>(static_cast<const void*>(data.data)),
                    static_cast<std::size_t>(data.size));
    }
};

// Reads from a source, which it is.
class PINFOLD_API InArchive
    : public Source,
      public cereal::InputArchive<InArchive, cereal::AllowEmptyClassElision> {
    using Cereal = cereal::InputArchive<InArchive, cereal::AllowEmptyClassElision>;

  public:
    explicit InArchive(std::span<const std::byte> from) : Source(from), Cereal(this) {}

    template <typename... Ts>
    InArchive& operator()(Ts&&... values) {
        (one(values), ...);
        return *this;
    }
    template <typename T>
    InArchive& operator&(T&& value) {
        return (*this)(value);
    }
    template <typename T>
    InArchive& operator>>(T&& value) {
        return (*this)(value);
    }

    template <typename T>
    void by_cereal(T& value) {
        Cereal::operator()(value);
    }

  private:
    template <typename T>
    void one(T& value) {
        if constexpr (is_for_cereal<std::remove_cv_t<T>>) {
            by_cereal(value);
        } else if constexpr (check_member<T>()) {
            fill(*this, value);
        }
    }
    template <typename T>
    void one(cereal::NameValuePair<T>& pair) {
        (*this)(pair.value);
    }
    template <typename T>
    void one(cereal::base_class<T>& base) {
        (*this)(*base.base_ptr);
    }
    template <typename T>
    void one(cereal::SizeTag<T>& tag) {
        tag.size = static_cast<std::remove_reference_t<decltype(tag.size)>>(Source::size(1));
    }
    template <typename T>
    void one(cereal::BinaryData<T>& data) {
        const auto size = static_cast<std::size_t>(data.size);
        const std::byte* const taken = take(size);
        if (size > 0) {
            std::memcpy(data.data, taken, size);
        }
    }
};

// What cereal hands to an archive past its operator(): a class's version, and what a save_minimal()
// returns.
template <typename T>
concept Minimal = std::is_arithmetic_v<T> || Known<T>::form == Form::string;

template <typename Sink, Minimal T>
void CEREAL_SAVE_FUNCTION_NAME(OutArchive<Sink>& archive, const T& value) {
    encode(archive, value);
}
template <Minimal T>
void CEREAL_LOAD_FUNCTION_NAME(InArchive& archive, T& value) {
    fill(archive, value);
}
template <typename Sink, typename T>
void CEREAL_SAVE_FUNCTION_NAME(OutArchive<Sink>& archive, const cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}
template <typename T>
void CEREAL_LOAD_FUNCTION_NAME(InArchive& archive, cereal::NameValuePair<T>& pair) {
    archive(pair.value);
}

}  // namespace pinfold::shm::detail

// Which archive reads what another wrote.
namespace cereal::traits::detail {
template <typename Sink>
struct get_input_from_output<pinfold::shm::detail::OutArchive<Sink>> {
    using type = pinfold::shm::detail::InArchive;
};
template <>
struct get_output_from_input<pinfold::shm::detail::InArchive> {
    using type = pinfold::shm::detail::OutArchive<pinfold::shm::detail::Writer>;
};
}  // namespace cereal::traits::detail

namespace pinfold::shm::detail {

/// A class has a function that cereal finds.
template <typename T>
concept WritesItself =
    std::is_class_v<T> && cereal::traits::is_output_serializable<T, OutArchive<Writer>>::value;
template <typename T>
concept ReadsItself =
    std::is_class_v<T> && cereal::traits::is_input_serializable<T, InArchive>::value;
/// It has more than one.
template <typename T>
concept WritesItselfTwice = std::is_class_v<T> &&
    (cereal::traits::detail::count_output_serializers<T, OutArchive<Writer>>::value > 1);

}  // namespace pinfold::shm::detail
