#!/bin/sh
# Runs from the unpacked .run: installs SiteBlind for the person who started it. No administrator needed.
#   sh siteblind_VERSION_amd64.run                        into ~/.local
#   sh siteblind_VERSION_amd64.run --quiet -- --prefix FOLDER
#   sh siteblind_VERSION_amd64.run -- --uninstall         projects and settings stay
set -eu

prefix="$HOME/.local"
action=install
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix="${2:?--prefix needs a folder}"; shift 2 ;;
        --uninstall) action=uninstall; shift ;;
        *) echo "Unknown option $1; there are --prefix FOLDER and --uninstall" >&2; exit 2 ;;
    esac
done
case "$prefix" in /*) ;; *) echo "--prefix needs a path that begins with /" >&2; exit 2 ;; esac

program="$prefix/lib/siteblind"
share="$prefix/share"
entry="$share/applications/siteblind.desktop"

tell_desktop() {
    for told in "update-desktop-database $share/applications" "update-mime-database $share/mime"; do
        if command -v "${told%% *}" >/dev/null; then $told 2>/dev/null || true; fi
    done
}

if [ "$action" = uninstall ]; then
    rm -rf "$program"
    rm -f "$prefix/bin/siteblind" "$prefix/bin/siteblind-desktop" "$entry" \
        "$share/icons/hicolor/scalable/apps/siteblind.svg" "$share/mime/packages/siteblind.xml"
    tell_desktop
    echo "SiteBlind is removed; projects and settings are where they were"
    exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)
missing=$(ldd "$here/siteblind/_internal/PySide6/Qt/plugins/platforms/libqxcb.so" \
    "$here/siteblind/_internal/torch/lib/libtorch_python.so" 2>&1 \
    | sed -n -e 's/^\s*\(.*\) => not found$/\1/p' -e "s/.*version \`\(GLIBC[^']*\)' not found.*/\1/p" \
    | sort -u | while read -r name; do
        [ -e "$here/siteblind/_internal/$name" ] || printf ' %s' "$name"
    done)
if [ -n "$missing" ]; then
    echo "This system lacks$missing. Ask your administrator to install what has them" >&2
    exit 1
fi

mkdir -p "$prefix/lib" "$prefix/bin" "$share/applications" "$share/mime/packages" \
    "$share/icons/hicolor/scalable/apps"
# The new folder takes the old one's place at once: whatever goes wrong before, the old one works.
rm -rf "$program.new" "$program.old"
mv "$here/siteblind" "$program.new"
[ ! -e "$program" ] || mv "$program" "$program.old"
mv "$program.new" "$program"
rm -rf "$program.old"
ln -sf "$program/siteblind" "$prefix/bin/siteblind"
ln -sf "$program/siteblind-desktop" "$prefix/bin/siteblind-desktop"
sed "s|^Exec=siteblind-desktop|Exec=\"$prefix/bin/siteblind-desktop\"|" "$here/siteblind.desktop" > "$entry"
cp "$here/siteblind.xml" "$share/mime/packages/"
cp "$here/siteblind.svg" "$share/icons/hicolor/scalable/apps/"
tell_desktop
echo "SiteBlind is installed: start it from the menu, or as $prefix/bin/siteblind-desktop"
