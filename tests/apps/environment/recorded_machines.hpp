#pragma once

#include "fake_root.hpp"

namespace pinfold::test {

/// Two cores with two hardware threads each, under no hypervisor, as its kernel describes it.
void lay_out_bare_metal(const FakeRoot& root);

/// A virtual machine of two CPUs, which hides the frequency and has no /proc/pressure.
void lay_out_virtual_machine(const FakeRoot& root);

/// The container of a virtual machine of eight CPUs that grants it one and a half.
void lay_out_container(const FakeRoot& root);

}  // namespace pinfold::test
