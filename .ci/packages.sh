# packages.sh: steps and packages, for the scripts of this tree.  POSIX shell, to be sourced.
# SPDX-License-Identifier: MIT

# What each use needs, as Debian calls it.
build_packages="build-essential meson ninja-build pkg-config libopenblas-dev"
test_packages="check libjansson-dev libsundials-dev python3 python3-cffi python3-numpy \
    python3-scipy git python3-mpmath python3-gmpy2 cmake python3-pytest python3-matplotlib \
    python3-pandas python3-sklearn python3-tqdm mypy python3-mesonpy python3-build python3-wheel \
    python3-venv python3-pip patchelf"
mpi_packages="libopenmpi-dev openmpi-bin"
site_packages="python3-sphinx python3-myst-parser furo"
check_packages="valgrind clang cppcheck clang-format libblas-dev liblapack-dev libblas3 liblapack3"

# step TEXT: one line about what happens next.
step()
{
    printf '==> %s\n' "$*"
}

fail()
{
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages()
{
    for package in "$@"; do
        status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) || status=none
        [ "$status" = "install ok installed" ] || printf '%s ' "$package"
    done
}

# need_packages PACKAGE...: installs with apt-get what is missing.  Without apt-get it only makes
# sure that the tools to build with are there; Meson will tell which library is not.
need_packages()
{
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
        for tool in cc meson ninja pkg-config; do
            command -v "$tool" >/dev/null 2>&1 || fail "no $tool, and no apt-get to install it." \
                "Needed: a C99 compiler, Meson >= 1.0, Ninja, pkg-config, OpenBLAS (or CBLAS and" \
                "LAPACK); for the tests also Check, Jansson, SUNDIALS, Python 3 with cffi and NumPy"
        done
        step "no apt-get here: going on with the tools that are installed"
        return
    fi
    missing=$(missing_packages "$@")
    if [ -z "$missing" ]; then
        step "packages: all $# are installed"
        return
    fi
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail "root or sudo is needed to install: $missing"
        as_root=sudo
    fi
    step "packages: installing $missing"
    # A log of many lines is of interest only if it went wrong.  An update that fails for one source
    # of many need not matter: the installation decides.
    log=$(mktemp)
    if ! { $as_root apt-get update;
           $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -o DPkg::Lock::Timeout=300 \
               -o Acquire::Retries=3 \
               --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install: $missing"
    fi
    rm -f "$log"
}

# suite_source SUITE NAME: an apt source for another suite of Debian, made from the one that this
# machine has for its own: the same archive, the same keys, whichever of apt's two formats it is in.
# Prints the file to write on the first line and its text on the others.
suite_source()
{
    codename=$(. /etc/os-release && [ "$ID" = debian ] && printf '%s' "$VERSION_CODENAME") ||
        return 1
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        line=$(sed -n "s/^\(deb \(\[[^]]*\] \)\{0,1\} *[^ ]*\) *$codename \(.* \)\{0,1\}main\( .*\)\{0,1\}$/\1 $1 main/p" \
            "$file" | head -n 1)
        if [ -n "$line" ]; then
            printf '/etc/apt/sources.list.d/%s.list\n%s\n' "$2" "$line"
            return 0
        fi
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        text=$(awk -v own="$codename" -v suite="$1" '
            BEGIN { RS = ""; FS = "\n" }
            {
                kept = ""; types = mine = main = off = 0
                for (i = 1; i <= NF; i++) {
                    if ($i ~ /^Types:.*deb( |$)/) types = 1
                    if ($i ~ /^Enabled: *no/) off = 1
                    if ($i ~ ("^Suites:(.* )?" own "( |$)")) mine = 1
                    if ($i ~ /^Components:(.* )?main( |$)/) main = 1
                    if ($i ~ /^Suites:/) $i = "Suites: " suite
                    if ($i ~ /^Types:/) $i = "Types: deb"
                    if ($i ~ /^Components:/) $i = "Components: main"
                    if ($i !~ /^#/) kept = kept $i "\n"
                }
                if (types && mine && main && !off) { printf "%s", kept; exit }
            }' "$file")
        if [ -n "$text" ]; then
            printf '/etc/apt/sources.list.d/%s.sources\n%s\n' "$2" "$text"
            return 0
        fi
    done
    return 1
}

# julia_throws: whether julia survives its own exceptions.
julia_throws()
{
    julia --startup-file=no -e 'f(x) = x > 0 ? throw(ArgumentError("")) : x
        for i = 1:20
            @eval g(x) = f(x + $i)
            try g(i) catch end
        end' >/dev/null 2>&1
}

# need_julia: Debian 12 has no Julia, Debian 11 has one that runs here.  Its suite is added with a
# priority at which apt takes nothing from it that it is not asked for.  That Julia needs Debian 11's
# libunwind too: with a later one it crashes when it throws.  That goes into Julia's own folder of
# libraries, where nothing but Julia looks.
need_julia()
{
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    if ! command -v julia >/dev/null 2>&1; then
        if ! apt-cache policy julia 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            source=$(suite_source bullseye reluflow-bullseye) || fail "apt has no source of Debian" \
                "from which the one of its suite bullseye, with julia, could be made"
            file=$(printf '%s\n' "$source" | head -n 1)
            step "julia: adding $file"
            printf '%s\n' "$source" | tail -n +2 | $as_root tee "$file" >/dev/null
            printf 'Package: *\nPin: release n=bullseye\nPin-Priority: 100\n' |
                $as_root tee /etc/apt/preferences.d/reluflow-bullseye >/dev/null
        fi
        need_packages julia
    fi
    if julia_throws; then
        step "julia: $(command -v julia) works"
        return
    fi
    step "julia: giving it the libunwind of its own suite"
    folder=$(dpkg -L libjulia1 | sed -n 's|/libjulia\.so\.1$|/julia|p' | head -n 1)
    [ -d "$folder" ] || fail "julia crashes when it throws, and is not Debian's"
    place=$(mktemp -d)
    (cd "$place" && apt-get download -o Acquire::Retries=3 libunwind8/bullseye &&
        dpkg -x libunwind8_*.deb .) >"$place/log" 2>&1 || fail "no libunwind8: $(cat "$place/log")"
    $as_root install -m 644 "$(find "$place" -name 'libunwind.so.8.*')" "$folder/libunwind.so.8"
    rm -rf "$place"
    julia_throws || fail "julia crashes when it throws, whichever libunwind it has"
}

# configure FOLDER OPTION...: sets a build folder up once.
configure()
{
    folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        step "configured already: ${folder##*/} (remove it to start afresh)"
        return
    fi
    step "meson setup ${folder##*/} $*"
    if ! meson setup "$folder" "$root" "$@" >"$folder.log" 2>&1 </dev/null; then
        tail -n 30 "$folder.log" >&2
        fail "meson setup failed; the whole log is $folder.log"
    fi
    rm -f "$folder.log"
}

# build FOLDER: compiles everything in it.
build()
{
    step "ninja -C ${1##*/}: compiling, which may take minutes; \"tail -f ${1##*/}/build.log\" shows how far"
    if ! ninja -C "$1" >"$1/build.log" 2>&1 </dev/null; then
        tail -n 40 "$1/build.log" >&2
        fail "the build failed; the whole log is $1/build.log"
    fi
}
