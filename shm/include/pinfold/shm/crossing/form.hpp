#pragma once

// Which form a type's encoding has, by the type alone. Not for users.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace pinfold::shm::detail {

enum class Form : std::uint8_t {
    bytes,     // what is trivially copyable
    nothing,   // an empty class of that kind
    handle,    // an Array: its bytes, but copies are counted
    string,    // a size and characters
    block,     // a size and elements, which are their bytes
    bits,      // std::vector<bool>
    sequence,  // a size and elements, one by one
    keyed,     // the same, of a map or a set
    array,     // elements, of which the type says how many
    tuple,     // members, also of a pair
    optional,
    variant,
    fields,  // the members of an aggregate
    cereal,  // what the user's serialize() or save() writes
    none,
};

template <typename... Ts>
struct Types {};

/// What std knows of a class template of its own; a class of the user's that derives from it is
/// none. `Inside` are the types whose values a value holds.
template <typename T>
struct Known {
    static constexpr Form form = Form::none;
    using Inside = Types<>;
};
template <Form f, typename... Ts>
struct KnownAs {
    static constexpr Form form = f;
    using Inside = Types<Ts...>;
};

template <typename C, typename T, typename A>
struct Known<std::basic_string<C, T, A>> : KnownAs<Form::string> {};
template <typename A>
struct Known<std::vector<bool, A>> : KnownAs<Form::bits> {};
template <typename E, typename A>
struct Known<std::vector<E, A>>
    : KnownAs<std::is_trivially_copyable_v<E> && !std::is_empty_v<E> ? Form::block : Form::sequence,
              E> {};
template <typename E, typename A>
struct Known<std::deque<E, A>> : KnownAs<Form::sequence, E> {};
template <typename E, typename A>
struct Known<std::list<E, A>> : KnownAs<Form::sequence, E> {};
template <typename K, typename V, typename C, typename A>
struct Known<std::map<K, V, C, A>> : KnownAs<Form::keyed, K, V> {};
template <typename K, typename V, typename C, typename A>
struct Known<std::multimap<K, V, C, A>> : KnownAs<Form::keyed, K, V> {};
template <typename K, typename C, typename A>
struct Known<std::set<K, C, A>> : KnownAs<Form::keyed, K> {};
template <typename K, typename C, typename A>
struct Known<std::multiset<K, C, A>> : KnownAs<Form::keyed, K> {};
template <typename K, typename V, typename H, typename P, typename A>
struct Known<std::unordered_map<K, V, H, P, A>> : KnownAs<Form::keyed, K, V> {};
template <typename K, typename V, typename H, typename P, typename A>
struct Known<std::unordered_multimap<K, V, H, P, A>> : KnownAs<Form::keyed, K, V> {};
template <typename K, typename H, typename P, typename A>
struct Known<std::unordered_set<K, H, P, A>> : KnownAs<Form::keyed, K> {};
template <typename K, typename H, typename P, typename A>
struct Known<std::unordered_multiset<K, H, P, A>> : KnownAs<Form::keyed, K> {};
template <typename E, std::size_t size>
struct Known<std::array<E, size>> : KnownAs<Form::array, E> {};
template <typename E, std::size_t size>
struct Known<E[size]> : KnownAs<Form::array, E> {};
template <typename A, typename B>
struct Known<std::pair<A, B>> : KnownAs<Form::tuple, A, B> {};
template <typename... Ts>
struct Known<std::tuple<Ts...>> : KnownAs<Form::tuple, Ts...> {};
template <typename E>
struct Known<std::optional<E>> : KnownAs<Form::optional, E> {};
template <typename... Ts>
struct Known<std::variant<Ts...>> : KnownAs<Form::variant, Ts...> {};

/// The form of what needs neither cereal nor Boost.PFR.
template <typename T>
inline constexpr Form simple_form = std::is_trivially_copyable_v<T>
                                        ? (std::is_empty_v<T> ? Form::nothing : Form::bytes)
                                    : is_shared_handle<T> ? Form::handle
                                                          : Known<T>::form;

}  // namespace pinfold::shm::detail
