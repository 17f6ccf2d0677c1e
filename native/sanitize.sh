#!/usr/bin/env bash
# Builds and runs the native tests under a sanitizer: sanitize.sh address|thread BUILD_FOLDER JOBS
set -euo pipefail

sanitizer=$1
build=$2
jobs=$3

"$(dirname "${BASH_SOURCE[0]}")/build.sh" "$build" "$jobs" -DLOCKSTEP_SANITIZE="$sanitizer" -DLOCKSTEP_TESTS=ON
ctest --test-dir "$build" --parallel "$jobs" --output-on-failure
