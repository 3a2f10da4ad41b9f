// An address does not tell what code is there: a plug-in that is loaded after another was unloaded
// often comes to lie at its place, and workers that were forked before have the old one there. The
// loader counts what it unloads. While nothing was unloaded, an address is enough. After that, the
// object at the address is compared with what was there: by its build id, or by its file where it
// has none.

#include "process/code_map.hpp"

#include <elf.h>
#include <link.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "process/fork_lock.hpp"

namespace pinfold::detail {

namespace {

constexpr std::size_t in_words(std::size_t bytes) {
    return (bytes + 3) / 4 * 4;
}

/// The build id in one segment of notes, or nothing.
std::string_view build_id_in(std::string_view notes) noexcept {
    ElfW(Nhdr) note{};
    while (notes.size() >= sizeof note) {
        std::memcpy(&note, notes.data(), sizeof note);
        notes.remove_prefix(sizeof note);
        const std::size_t name_bytes = in_words(note.n_namesz);
        if (notes.size() < name_bytes || notes.size() - name_bytes < note.n_descsz) {
            break;
        }
        const std::string_view name = notes.substr(0, note.n_namesz);
        const std::string_view content = notes.substr(name_bytes, note.n_descsz);
        if (note.n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4)) {
            return content;
        }
        notes.remove_prefix(std::min(notes.size(), name_bytes + in_words(note.n_descsz)));
    }
    return {};
}

/// Which file an object without a build id comes from; empty when nobody can tell any more.
std::string identity_by_file(const char* path) {
    struct stat file {};
    if (stat(path, &file) != 0) {
        return {};
    }
    std::string identity = "file";
    for (const auto number :
         {static_cast<std::uint64_t>(file.st_dev), static_cast<std::uint64_t>(file.st_ino),
          static_cast<std::uint64_t>(file.st_size), static_cast<std::uint64_t>(file.st_ctim.tv_sec),
          static_cast<std::uint64_t>(file.st_ctim.tv_nsec)}) {
        identity += " " + std::to_string(number);
    }
    return identity;
}

/// Whether a segment's bytes are in memory; notes need not be.
bool is_in_memory(const dl_phdr_info& object, const ElfW(Phdr) & segment) noexcept {
    return std::any_of(
        object.dlpi_phdr, object.dlpi_phdr + object.dlpi_phnum, [&](const ElfW(Phdr) & other) {
            return other.p_type == PT_LOAD && other.p_vaddr <= segment.p_vaddr &&
                   segment.p_vaddr + segment.p_memsz <= other.p_vaddr + other.p_memsz;
        });
}

std::string identity_of(const dl_phdr_info& object) {
    for (int i = 0; i < object.dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object.dlpi_phdr[i];
        if (segment.p_type == PT_NOTE && is_in_memory(object, segment)) {
            const auto* const notes =
                reinterpret_cast<const char*>(object.dlpi_addr + segment.p_vaddr);
            const std::string_view id = build_id_in({notes, segment.p_memsz});
            if (!id.empty()) {
                return "build id " + std::string(id);
            }
        }
    }
    return identity_by_file(object.dlpi_name);
}

/// dl_iterate_phdr(), which holds the loader's lock: a child that is forked meanwhile would have it
/// held for ever.
void look_at_objects(int (*look)(dl_phdr_info*, std::size_t, void*), void* data) {
    const ForkLock no_child_is_born_meanwhile;
    dl_iterate_phdr(look, data);
}

/// How many objects the program has unloaded so far.
std::uint64_t count_unloads() noexcept {
    std::uint64_t unloads = 0;
    look_at_objects(
        [](dl_phdr_info* object, std::size_t, void* count) {
            *static_cast<std::uint64_t*>(count) = object->dlpi_subs;
            return 1;  // each object tells the same
        },
        &unloads);
    return unloads;
}

}  // namespace

/// What a walk over the objects is to find; it holds the loader's lock, so it throws nothing.
struct CodeMap::Look {
    std::vector<Segment>& segments;
    bool is_first = true;
    bool lacks_memory = false;

    static int at(dl_phdr_info* object, std::size_t, void* look) noexcept {
        auto& self = *static_cast<Look*>(look);
        try {
            self.add(*object);
        } catch (const std::bad_alloc&) {
            self.lacks_memory = true;
        }
        self.is_first = false;
        return self.lacks_memory ? 1 : 0;
    }

    void add(const dl_phdr_info& object) {
        std::string identity;
        for (int i = 0; i < object.dlpi_phnum; ++i) {
            const ElfW(Phdr)& segment = object.dlpi_phdr[i];
            if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
                const char* const begin =
                    reinterpret_cast<const char*>(object.dlpi_addr + segment.p_vaddr);
                if (identity.empty()) {
                    identity = identity_of(object);
                }
                segments.push_back(
                    {begin, begin + segment.p_memsz, is_first, object.dlpi_name, identity});
            }
        }
    }
};

CodeMap::CodeMap() {
    unloads_ = count_unloads();  // before the look: what goes meanwhile counts as gone after it
    Look look{segments_};
    look_at_objects(&Look::at, &look);
    if (look.lacks_memory) {
        throw std::bad_alloc();
    }
}

void CodeMap::require(const void* code) const {
    const Segment* const then = segment_of(code);
    if (then == nullptr) {
        throw std::invalid_argument(
            "the map's code was loaded after the pool was made, so its workers do not have it; "
            "make "
            "a pool when it is loaded");
    }
    if (then->is_of_program || count_unloads() == unloads_) {
        return;
    }
    const CodeMap at_present;
    const Segment* const now = at_present.segment_of(code);
    const bool is_same = now != nullptr && now->begin == then->begin && now->end == then->end &&
                         !now->identity.empty() && now->identity == then->identity;
    if (!is_same) {
        throw std::invalid_argument(
            "the map's code lies where " + then->name +
            " lay when the pool was made, which was unloaded since" +
            (now != nullptr ? " and gave way to " + now->name : "") +
            ": the pool's workers would run the old code; make a pool when the new one is loaded");
    }
}

const CodeMap::Segment* CodeMap::segment_of(const void* code) const noexcept {
    const auto* const address = static_cast<const char*>(code);
    const auto found = std::ranges::find_if(segments_, [&](const Segment& segment) {
        return segment.begin <= address && address < segment.end;
    });
    return found != segments_.end() ? &*found : nullptr;
}

}  // namespace pinfold::detail
