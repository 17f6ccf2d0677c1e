#!/usr/bin/env bash
# Checks the C++ sources' format, or with --fix repairs it. Other versions of clang-format than 14 format differently.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
for tool in clang-format-14 clang-format; do
  if command -v "$tool" >/dev/null && "$tool" --version | grep -q 'version 14\.'; then
    mapfile -t sources < <(find include src test bench -name '*.h' -o -name '*.cpp')
    if [[ ${1:-} == --fix ]]; then
      exec "$tool" -i "${sources[@]}"
    fi
    "$tool" --dry-run -Werror "${sources[@]}" || { echo "lockstep: repair the format with native/format.sh --fix" >&2; exit 1; }
    exit
  fi
done
echo "lockstep: clang-format 14 is missing, so the C++ format stays unchecked; install it with: apt-get install -y clang-format"
