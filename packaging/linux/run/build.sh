#!/usr/bin/env bash
# A file that unpacks and installs itself: build.sh FOLDER VERSION FILE
# Debian's makeself is under the GPL; what it puts in front of an archive may be under any licence.
set -euo pipefail

folder=$1 version=$2 file=$3
packaging=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d "$(dirname "$file")/run.XXXXXX")
trap 'rm -rf "$tree"' EXIT

cp -al "$folder" "$tree/siteblind"
cp "$packaging"/linux/desktop/siteblind.{desktop,xml} "$packaging/../resources/icons/siteblind.svg" "$tree/"
cp "$packaging/linux/run/install.sh" "$tree/"
# gzip, because every system has it; zstd, which would take a seventh less, is often not installed.
makeself --gzip --complevel 6 --sha256 --nox11 --noprogress --tar-quietly "$tree" "$file" "SiteBlind $version" ./install.sh
