# What the scripts share: `. scripts/lib.sh` moves to the top of the tree and defines code_folders,
# install_packages, configure and build. Their own output goes to stderr, so that a script's stdout
# holds its result alone.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$(basename "$0"): $*"
    exit 1
}

# code_folders KEYWORD...: what the lines of cmake/layers.txt that begin so name, one a line.
code_folders() { awk -v keywords=" $* " 'index(keywords, " " $1 " ") { print $2 }' cmake/layers.txt; }

# packages run|test|vm: the names in scripts/packages, up to the end of that part.
packages() {
    local -A behind=([run]='/^# Tests/' [test]='/^# Emulated/' [vm]='$')
    sed -n "1,${behind[$1]}p" scripts/packages | sed 's/#.*//' | xargs
}

# missing_packages NAME...: those that dpkg does not know as installed, one a line.
missing_packages() {
    local name
    local installed
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        sed -n 's/ installed$//p') || true
    for name in "$@"; do
        grep -qxF -- "$name" <<<"$installed" || printf '%s\n' "$name"
    done
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages run|test|vm: installs what lacks, and calls neither apt nor sudo when nothing does.
install_packages() {
    local missing
    command -v dpkg-query >/dev/null ||
        die "this is no Debian; install the equivalents of scripts/packages and build with CMake"
    # shellcheck disable=SC2046 # package names have no spaces
    mapfile -t missing < <(missing_packages $(packages "$1"))
    if ((${#missing[@]} == 0)); then
        return
    fi
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        die "these Debian packages are missing, and neither root nor sudo is at hand: ${missing[*]}"
    fi
    say "Installing ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3
        -o DPkg::Lock::Timeout=300)
    {
        as_root "${apt[@]}" update || say "apt-get update failed; trying with the lists at hand"
        as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
    } >&2 </dev/null || die "apt-get could not install: ${missing[*]}"
}

# configure PRESET [-DNAME=VALUE]...: makes build/PRESET; at no cost when it is already so.
configure() {
    local preset=$1
    shift
    local cache=build/$preset/CMakeCache.txt
    if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$cache"; then
        rm -rf "build/$preset" # the tree was copied or moved; CMake refuses such a cache
    fi
    local setting
    local done=1
    for setting in "$@"; do
        setting=${setting#-D}
        grep -qsE "^${setting%%=*}:[A-Z]+=${setting#*=}\$" "$cache" || done=0
    done
    if ((done)) && [[ -f build/$preset/build.ninja ]]; then
        return
    fi
    cmake --preset "$preset" "$@" >&2
}

# build PRESET [TARGET]...: builds these, or everything.
build() {
    local preset=$1
    shift
    local targets=()
    if (($#)); then
        targets=(--target "$@")
    fi
    cmake --build "build/$preset" "${targets[@]}" >&2
}
