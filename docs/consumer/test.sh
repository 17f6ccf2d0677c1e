#!/usr/bin/env bash
# Runs the consumer project against the jars just built, with a local repository of its own:
# test.sh MAVEN DOWNLOADED_REPOSITORY WORK_FOLDER VERSION
set -euo pipefail

maven=$1
downloaded=$2
work=$3
version=$4
consumer=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$consumer/../..
expected='cosines: [ 1.          0.54030231 -0.41614684]'

rm -rf "$work"
mkdir -p "$work"
cp -r "$consumer" "$work/consumer"

# Lays a module's files out as a repository: publish FOLDER ARTIFACT [FILE_SUFFIX]
publish() {
  local target=$work/built/dev/lockstep/$2/$version
  mkdir -p "$target"
  cp "$root/$1/pom.xml" "$target/$2-$version.pom"
  if [[ -n ${3:-} ]]; then
    cp "$root/$1/target/$2-$version$3" "$target/"
  fi
}
publish . lockstep-parent
publish native lockstep-native -linux-x86_64.jar
publish bindings lockstep-bindings .jar
publish java-api lockstep-api .jar
publish autodiff lockstep .jar

repository() {
  echo "<$1><id>$2</id><url>file://$3</url><snapshots><updatePolicy>always</updatePolicy></snapshots></$1>"
}
cat >"$work/settings.xml" <<END
<settings>
  <localRepository>$work/repository</localRepository>
  <profiles>
    <profile>
      <id>consumer</id>
      <repositories>
        $(repository repository built "$work/built")
        $(repository repository downloaded "$downloaded")
      </repositories>
      <pluginRepositories>
        $(repository pluginRepository downloaded "$downloaded")
      </pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles>
    <activeProfile>consumer</activeProfile>
  </activeProfiles>
</settings>
END

JAVA_HOME=$("$root/.ci/find-jdk")
export JAVA_HOME
cd "$work/consumer"
if ! got=$("$maven" -q -B -s "$work/settings.xml" compile exec:java 2>"$work/errors"); then
  cat "$work/errors" >&2
  echo "$got" >&2
  exit 1
fi
# Maven resets the terminal's colours before and after.
got=$(sed 's/\x1b\[[0-9;]*m//g' <<<"$got" | sed '/^$/d')
if [[ $got != "$expected" ]]; then
  echo "consumer: expected \"$expected\", got \"$got\"" >&2
  exit 1
fi
echo "consumer: $got"
