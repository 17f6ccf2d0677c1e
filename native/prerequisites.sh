#!/usr/bin/env bash
# Says in one line what the build lacks and how to get it. Its arguments: what to look for, of jdk, cmake, g++, gtest.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

missing() {
  echo "lockstep: $1 is missing; $2" >&2
  exit 1
}

for wanted in "$@"; do
  case $wanted in
    jdk) "$root/.ci/find-jdk" >/dev/null \
      || missing "JDK 25" "install one under /usr/lib/jvm or name it in JAVA_HOME, for example: sdk install java 25-tem" ;;
    cmake) command -v cmake >/dev/null || missing cmake "install it with: apt-get install -y cmake" ;;
    g++) command -v "${CXX:-g++}" >/dev/null || missing "${CXX:-g++}" "install it with: apt-get install -y g++" ;;
    gtest) [[ -e /usr/include/gtest/gtest.h || -e /usr/local/include/gtest/gtest.h ]] \
      || missing "GoogleTest (for the native tests)" "install it with: apt-get install -y libgtest-dev, or build with -DskipTests" ;;
    *) missing "a check for $wanted" "name some of: jdk cmake g++ gtest" ;;
  esac
done
