# Sourced by the scripts of this folder: installs what is missing, configures and builds. Idempotent.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$root/build"

extra_packages=()  # what a script needs beyond the build

say() { printf 'svetune: %s\n' "$*" >&2; }

# The Debian packages that a build needs; an SVE machine needs neither the emulator nor the cross C library.
required_packages() {
  local packages=(g++ clang-19 lld-19 llvm-19 llvm-19-dev cmake ninja-build python3 git sqlite3
    libboost-program-options-dev libsqlite3-dev zlib1g-dev libspdlog-dev nlohmann-json3-dev libtomlplusplus-dev
    libgtest-dev libgmock-dev libbenchmark-dev)
  if [ "$(uname -m)" != aarch64 ]; then
    packages+=(qemu-user g++-aarch64-linux-gnu)
  fi
  printf '%s\n' "${packages[@]}" "${extra_packages[@]}"
}

is_installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

apt_install() {
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "missing packages and neither root nor sudo; ask an administrator for: apt-get install $*"
    exit 2
  fi
  say "installing $# packages: $*"
  if ! as_root apt-get update -qq ||
    ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; then
    say "apt-get could not install: $*; install them by hand (Debian 12 or newer has them all) and run again"
    exit 2
  fi
}

install_missing() {
  local package missing=()
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_tools
    return
  fi
  while read -r package; do is_installed "$package" || missing+=("$package"); done < <(required_packages)
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# The named packages of Debian's arm64, beside the machine's own.
install_arm64() {
  local package missing=()
  for package in "$@"; do is_installed "$package:arm64" || missing+=("$package:arm64"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! dpkg --print-foreign-architectures | grep -qx arm64; then
    as_root dpkg --add-architecture arm64 || true  # apt_install says what is missing
  fi
  apt_install "${missing[@]}"
}

# Without apt the names of packages differ: say what is missing by what it is for.
check_tools() {
  local tool missing=()
  for tool in clang-19 clang++-19 ld.lld-19 cmake ninja git; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if [ "$(uname -m)" != aarch64 ] && ! command -v qemu-aarch64 >/dev/null; then missing+=(qemu-aarch64); fi
  [ ${#missing[@]} -eq 0 ] && return 0
  say "this system has no apt-get; install by hand: ${missing[*]}," \
    "LLVM 19 development files, Boost.Program_options, SQLite 3.37+, spdlog, nlohmann-json, toml++, GoogleTest," \
    "Google Benchmark and an aarch64 C++ library, then run again"
  exit 2
}

targets=()  # of the build; none: everything

# Configures once and builds what changed; a lock lets two scripts run at the same time.
build_all() {
  local log="$build/build.log"
  mkdir -p "$build"
  exec 9>"$build/.lock"
  flock 9
  if [ ! -f "$build/build.ninja" ]; then
    say "configuring"
    if ! cmake -S "$root" -B "$build" -G Ninja >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      say "configuration failed; the whole log is $log"
      exit 1
    fi
  fi
  say "building (a first build takes some minutes)"
  if ! cmake --build "$build" ${targets[@]+--target "${targets[@]}"} >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    say "the build failed; the whole log is $log"
    exit 1
  fi
  exec 9>&-
}

# Whether kernels run on this processor; elsewhere the emulator runs them.
has_sve() { [ "$(uname -m)" = aarch64 ] && grep -qw sve /proc/cpuinfo; }
