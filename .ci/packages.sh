# packages.sh: steps and packages, for the scripts of this tree.  POSIX shell, to be sourced.
# SPDX-License-Identifier: MIT

# What each use needs, as Debian calls it.
build_packages="build-essential meson ninja-build pkg-config libopenblas-dev"
test_packages="check libjansson-dev libsundials-dev python3 python3-cffi python3-numpy \
    python3-mpmath python3-gmpy2 cmake python3-pytest python3-matplotlib python3-pandas \
    python3-sklearn python3-tqdm mypy python3-mesonpy python3-build python3-wheel python3-venv \
    python3-pip"
check_packages="clang cppcheck clang-format libblas-dev liblapack-dev libblas3 liblapack3"

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
    step "ninja -C ${1##*/}"
    if ! ninja -C "$1" >"$1/build.log" 2>&1 </dev/null; then
        tail -n 40 "$1/build.log" >&2
        fail "the build failed; the whole log is $1/build.log"
    fi
}
