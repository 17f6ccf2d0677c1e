#!/usr/bin/env bash
# Says in one line what the build lacks and how to get it. Its arguments: what to look for, of jdk, cmake, g++, gtest.
set -euo pipefail

missing() {
  echo "lockstep: $1 is missing; $2" >&2
  exit 1
}

is_jdk_25() {
  [[ -x $1/bin/javac && -r $1/release ]] && grep -q '^JAVA_VERSION="25[".]' "$1/release"
}

# Where Maven's toolchains plugin looks, too.
has_jdk_25() {
  local home
  for home in "${JAVA_HOME:-}" "${JDK_HOME:-}" "${JAVA25_HOME:-}" /usr/lib/jvm/* /usr/java/* /opt/java/* \
    ~/.sdkman/candidates/java/* ~/.jdks/* ~/.m2/jdks/*; do
    if [[ -n $home ]] && is_jdk_25 "$home"; then
      return 0
    fi
  done
  return 1
}

for wanted in "$@"; do
  case $wanted in
    jdk) has_jdk_25 || missing "JDK 25" "install one under /usr/lib/jvm or name it in JAVA_HOME, for example: sdk install java 25-tem" ;;
    cmake) command -v cmake >/dev/null || missing cmake "install it with: apt-get install -y cmake" ;;
    g++) command -v "${CXX:-g++}" >/dev/null || missing "${CXX:-g++}" "install it with: apt-get install -y g++" ;;
    gtest) [[ -e /usr/include/gtest/gtest.h || -e /usr/local/include/gtest/gtest.h ]] \
      || missing "GoogleTest (for the native tests)" "install it with: apt-get install -y libgtest-dev, or build with -DskipTests" ;;
    *) missing "a check for $wanted" "name one of jdk, cmake, g++, gtest" ;;
  esac
done
