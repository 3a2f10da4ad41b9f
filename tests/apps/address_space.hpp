#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PINFOLD_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PINFOLD_TEST_SANITIZED 1
#endif
#endif

namespace pinfold::apps {

/// A sanitizer's shadow takes more addresses than any limit that a test could set.
#ifdef PINFOLD_TEST_SANITIZED
inline constexpr bool can_limit_address_space = false;
#else
inline constexpr bool can_limit_address_space = true;
#endif

}  // namespace pinfold::apps
