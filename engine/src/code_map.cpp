#include "code_map.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>

namespace pinfold::detail {

CodeMap::CodeMap() {
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* self) {
            auto& objects = static_cast<CodeMap*>(self)->objects_;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const ElfW(Phdr)& segment = info->dlpi_phdr[i];
                if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
                    const char* const begin =
                        reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
                    objects.push_back({begin, begin + segment.p_memsz});
                }
            }
            return 0;
        },
        this);
}

bool CodeMap::contains(const void* code) const noexcept {
    const auto* const address = static_cast<const char*>(code);
    return std::any_of(objects_.begin(), objects_.end(), [&](const Object& object) {
        return object.begin <= address && address < object.end;
    });
}

}  // namespace pinfold::detail
