#!/usr/bin/env bash
# Installs what the build needs and is missing; takes seconds when nothing is. Says what it does before it does it.
#
#   cmake/setup.sh                      what benchmarks/run needs
#   cmake/setup.sh --tests              and what tests/run and .ci/run need
#   cmake/setup.sh --without-libtorch   all but LibTorch, which takes longest
#
# A LibTorch that is named already (TBENCH_PYTHON, Torch_DIR, CMAKE_PREFIX_PATH) is used instead of installing one. pip's
# own settings for where from (PIP_INDEX_URL, pip.conf) are obeyed, variables for where to (PIP_USER, PIP_TARGET, …) are not,
# and a pip.conf that says so is refused. A .venv whose Python or pip does not work is made anew.
set -euo pipefail
cd "$(dirname "$0")/.."

cuda_release=13.0 # of the torch in requirements.txt; nvcc must be of the same

packages=(g++ cmake ninja-build git python3 python3-venv libbenchmark-dev libgtest-dev libgmock-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev)
# libclang-rt-dev: the sanitizers and libFuzzer of the default clang.
test_packages=(clang clang-tidy libclang-rt-dev libbenchmark-tools)
# The report's page is tested in it. Ubuntu has no package of it, only a snap: there that test is skipped.
! grep -qsx ID=debian /etc/os-release || test_packages+=(chromium)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

tests='' libtorch=yes
for argument in "$@"; do
  case $argument in
    --tests) tests=yes ;;
    --without-libtorch) libtorch='' ;;
    *)
      sed -n '2,10s/^#\( \|$\)//p' cmake/setup.sh
      [[ $argument == --help ]] && exit 0
      fail "unknown argument '$argument'"
      ;;
  esac
done
[[ -z $tests ]] || packages+=("${test_packages[@]}")

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "run as root, or install sudo: $*"
  fi
}

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing by apt: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Elsewhere than on Debian and its descendants: tells what is missing.
require_tools() {
  local missing=() tool header
  for tool in g++ cmake ninja git python3; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  for header in benchmark/benchmark.h gtest/gtest.h gmock/gmock.h nlohmann/json.hpp CLI/CLI.hpp fmt/format.h; do
    echo "#include <$header>" | g++ -std=c++20 -fsyntax-only -x c++ - 2>/dev/null || missing+=("<$header>")
  done
  ((${#missing[@]})) || return 0
  say "no apt here. Missing: ${missing[*]}"
  fail "install them by your system's means (Google Benchmark 1.7.1 or later), then start again"
}

# 0 if the nvcc on the PATH, the one that CMake will find, is of the right release.
have_toolkit() { nvcc --version 2>/dev/null | grep -q "release $cuda_release,"; }

# Before minutes of downloads: the distribution's packages must be recent enough.
require_versions() {
  local compiler benchmark
  compiler=$(g++ -dumpversion)
  ((${compiler%%.*} >= 12)) || fail "g++ 12 or later is needed, here is $compiler: Debian 12 and Ubuntu 24.04 have it"
  if command -v dpkg-query >/dev/null; then
    benchmark=$(dpkg-query -W -f '${Version}' libbenchmark-dev)
    dpkg --compare-versions "$benchmark" ge 1.7.1 ||
      fail "Google Benchmark 1.7.1 or later is needed, here is $benchmark: Debian 12 and Ubuntu 24.04 have it"
  fi
}

# 0 if the user names a LibTorch. Other things than LibTorch set CMAKE_PREFIX_PATH as well.
names_libtorch() {
  local prefix
  [[ -n ${TBENCH_PYTHON-}${Torch_DIR-} ]] && return 0
  while read -r prefix; do
    [[ -n $prefix && -n $(find "$prefix" -maxdepth 4 -name TorchConfig.cmake -print -quit 2>/dev/null) ]] && return 0
  done < <(tr ':;' '\n' <<<"${CMAKE_PREFIX_PATH-}")
  return 1
}

# -I: what PYTHONPATH, PYTHONHOME and the user's own packages hold is not .venv's.
in_venv() { .venv/bin/python -I "$@"; }

# Installs as the arguments say. Wheels only: nothing of a package runs while it is installed. Compiled when first
# imported: most of it never is.
pip_install() {
  local clean=(env -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT PIP_USER=0) elsewhere
  # No variable and no flag takes back what a pip.conf says of these.
  elsewhere=$("${clean[@]}" .venv/bin/python -I -m pip config list | grep -E '^[a-z]+\.(target|prefix|root)=' | head -1) ||
    elsewhere=''
  [[ -z $elsewhere ]] ||
    fail "pip's configuration sends packages elsewhere than into .venv: $elsewhere. PIP_CONFIG_FILE=FILE names another one"
  "${clean[@]}" .venv/bin/python -I -m pip install --quiet --disable-pip-version-check --no-compile \
    --only-binary=:all: "$@"
}

venv_works() { in_venv -m pip --version >/dev/null 2>&1; }

# PyPI's toolkit becomes one that CMake understands once it has lib64 and the libraries' unversioned names.
link_toolkit() {
  local toolkit library name
  # A Python that was upgraded leaves the old one's folder beside the new one's.
  toolkit=$(in_venv -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nvidia/cu13
  ln -sfn lib "$toolkit/lib64"
  for library in "$toolkit"/lib/lib*.so.*; do
    name=${library##*/}
    [[ -e $toolkit/lib/${name%%.so.*}.so ]] || ln -s "$name" "$toolkit/lib/${name%%.so.*}.so"
  done
}

# Installs requirements into .venv unless they are there: install_into_venv WHAT STAMP REQUIREMENTS…
install_into_venv() {
  local what=$1 stamp=.venv/$2 wanted
  shift 2
  wanted=$(cat "$@" | sha256sum)
  if ! venv_works; then
    [[ ! -e .venv ]] || say "making .venv anew: its Python or its pip does not work"
    python3 -I -m venv --clear .venv
  fi
  [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return 0
  say "installing $what into .venv"
  # What an interrupted pip leaves counts as nothing.
  rm -f "$stamp"
  pip_install "${@/#/--requirement=}"
  echo "$wanted" >"$stamp"
}

install_libtorch() {
  local requirements=(cmake/requirements.txt) toolkit=''
  if ! have_toolkit; then
    requirements+=(cmake/requirements-cuda.txt)
    toolkit=", the CUDA $cuda_release toolkit"
  fi
  install_into_venv \
    "LibTorch (PyPI's $(grep ^torch== cmake/requirements.txt))$toolkit, NumPy and SciPy, 5 GB in a minute or two," \
    installed "${requirements[@]}"
  ((${#requirements[@]} == 1)) || link_toolkit
}

# A checkout of another user is the usual cause.
tell_unknown_commit() {
  local why
  [[ -e .git && -z ${TBENCH_GIT_COMMIT-} ]] || return 0
  why=$(git rev-parse HEAD 2>&1 >/dev/null) ||
    say "results will be of commit 'unknown', which the gate cannot compare; TBENCH_GIT_COMMIT names it. ${why%%$'\n'*}"
}

if command -v apt-get >/dev/null; then install_packages; else require_tools; fi
require_versions
tell_unknown_commit
[[ -z $tests ]] || install_into_venv "pre-commit, which runs the formatters," installed-tests cmake/requirements-tests.txt
names_libtorch || [[ -z $libtorch ]] || install_libtorch
