#!/usr/bin/env bash
# Regenerates dev.lockstep.bindings.generated from lockstep.h with the jextract on the PATH.
set -euo pipefail

bindings=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
include=$bindings/../native/include
headers=(lockstep/lockstep.h lockstep/elementwise.def)
java=$bindings/src/main/java
package=dev.lockstep.bindings.generated
folder=$java/${package//./\/}

symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
jextract -I "$include" --dump-includes "$symbols" "$include/lockstep/lockstep.h" 2>/dev/null
# ls_plan is opaque: it has no layout to generate.
mapfile -t filter < <(grep -oE -- '--include-[a-z]+ (LS|ls)_\w+' "$symbols" | grep -v -- '-struct ls_plan$' | tr ' ' '\n')

rm -rf "$folder"
jextract -I "$include" --output "$java" --target-package "$package" --header-class-name lockstep_h \
  "${filter[@]}" "$include/lockstep/lockstep.h"

# The loader finds symbols, and only when the first function is called: constants need no library.
sed -i -z 's/SymbolLookup\.loaderLookup()\s*\.or(Linker\.nativeLinker()\.defaultLookup());/name -> dev.lockstep.bindings.NativeLibrary.symbols().find(name);/' \
  "$folder/lockstep_h.java"
grep -q 'NativeLibrary.symbols()' "$folder/lockstep_h.java"
sed -i 's/^public class /@SuppressWarnings("restricted")\npublic class /' "$folder"/*.java

resources=$bindings/src/main/resources/dev/lockstep/bindings
mkdir -p "$resources"
(cd "$include" && sha256sum "${headers[@]}") >"$resources/headers.sha256"
