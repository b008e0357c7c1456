#!/usr/bin/env bash
# A disk image of SiteBlind.app to drag into Applications: dmg.sh SiteBlind.app VERSION FILE.dmg
#
# SITEBLIND_MACOS_IDENTITY  signs with this identity of the keychain ("Developer ID Application: ...");
#                           without it the app is signed for this machine only, and that is said
# SITEBLIND_MACOS_PROFILE   notarises with this keychain profile of `xcrun notarytool store-credentials`
set -euo pipefail

app=$1 version=$2 image=$3
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

plutil -replace CFBundleShortVersionString -string "$version" "$app/Contents/Info.plist"
if [ -n "${SITEBLIND_MACOS_IDENTITY:-}" ]; then
    codesign --force --deep --timestamp --options runtime \
        --entitlements "$(dirname "$0")/entitlements.plist" --sign "$SITEBLIND_MACOS_IDENTITY" "$app"
else
    echo "$app is not signed: SITEBLIND_MACOS_IDENTITY names no identity" >&2
    codesign --force --deep --sign - "$app"
fi
codesign --verify --deep --strict "$app"

cp -R "$app" "$tree/"
ln -s /Applications "$tree/Applications"
hdiutil create -volname "SiteBlind $version" -srcfolder "$tree" -format ULMO -ov "$image"

if [ -n "${SITEBLIND_MACOS_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$SITEBLIND_MACOS_PROFILE" --wait
    xcrun stapler staple "$image"
fi
