#!/usr/bin/env bash
# Configures and builds: build.sh BUILD_FOLDER JOBS [CMAKE_OPTION...]
set -euo pipefail

build=$1
jobs=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

cmake -S "$root" -B "$build" "${@:3}"
cmake --build "$build" --parallel "$jobs"
