#!/usr/bin/env bash
# Makes a small Debian 12 that stands in for the images' base: ImageStepsTest executes the Dockerfile's steps on top of it. Needs root, apt and
# wget; installs nothing. Does nothing when it is there already. About a minute.
# Usage: base.sh [FOLDER]   (default: $BARN_IMAGE_BASE, else ~/.cache/barnraiser/image-base)
set -euo pipefail
out=${1:-${BARN_IMAGE_BASE:-$HOME/.cache/barnraiser/image-base}}
[ ! -e "$out/etc/debian_version" ] || exit 0
for tool in apt-get dpkg wget; do
    command -v "$tool" >/dev/null || { echo "base.sh: $tool is missing." >&2; exit 1; }
done
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "${TMPDIR:-/tmp}/barn-base.XXXXXX")
trap 'rm -rf "$work" "$out.new"' EXIT
cd "$work"
apt-get download -qq debootstrap >/dev/null || { apt-get update -qq >/dev/null && apt-get download -qq debootstrap >/dev/null; }
dpkg -x debootstrap_*.deb .
DEBOOTSTRAP_DIR=$work/usr/share/debootstrap usr/sbin/debootstrap --variant=minbase \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg bookworm "$out.new" http://deb.debian.org/debian >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
rm -rf "$out.new/var/cache/apt/archives"/*.deb "$out.new/var/lib/apt/lists"/*
mv "$out.new" "$out"
