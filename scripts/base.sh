#!/bin/sh
# Build the base image: a Debian root made from packages alone, the same bytes at each run.
#
# BASE_IMAGE=NAME@sha256:…  uses that registry image instead: it must hold /usr/bin/python3 of the
#                           pinned version, /usr/bin/tini and libstdc++, laid out as in Debian.
# DEBIAN_MIRROR=…           passes a mirror on to mmdebstrap, which otherwise takes its own default.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
one_at_a_time base
need_engine

if [ -n "${BASE_IMAGE:-}" ]; then
    case $BASE_IMAGE in
        *@sha256:*) docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 || docker pull "$BASE_IMAGE" ;;
        *) die "BASE_IMAGE must name an image by digest (NAME@sha256:…), not $BASE_IMAGE" ;;
    esac
    say "base: using $BASE_IMAGE"
    exit 0
fi

tag=$(base_tag)
if [ "${FORCE:-}" = "" ] && docker image inspect "$tag" >/dev/null 2>&1; then
    say "base: $tag is here, sha256 of its tar $(label_of "$tag" org.labcheck.base-sha256) (FORCE=1 builds it again)"
    exit 0
fi

install_debian_packages mmdebstrap:mmdebstrap /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
mkdir -p build
SOURCE_DATE_EPOCH=$(scripts/pin.sh base.source_date_epoch)
suite=$(scripts/pin.sh base.suite)
variant=$(scripts/pin.sh base.variant)
packages=$(scripts/pin.sh base.packages | tr ' ' ,)

# Files that only a person at a terminal or a package manager would read stay out; so do the files
# that differ between machines and the set-uid bits, which nothing in the container needs.
# shellcheck disable=SC2016  # "$1" is for the hooks' own shell
if ! as_root env SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" mmdebstrap --quiet \
    --variant="$variant" --include="$packages" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --customize-hook='chroot "$1" env -i PATH=/usr/bin PYTHONHASHSEED=0 python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3.11 /usr/lib/python3' \
    --customize-hook='rm -rf "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/etc/machine-id "$1"/etc/apt/sources.list "$1"/var/lib/apt/lists "$1"/var/cache/apt "$1"/var/cache/debconf "$1"/var/lib/dpkg/status-old "$1"/var/lib/dpkg/available-old' \
    --customize-hook='find "$1"/var/log "$1"/tmp "$1"/run -mindepth 1 -delete' \
    --customize-hook='find "$1" -xdev -perm /6000 -exec chmod a-s {} +' \
    "$suite" build/base.tar ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} \
    >build/base.log 2>&1; then
    tail -n 20 build/base.log >&2
    die "mmdebstrap could not build the base (build/base.log has all it said)"
fi

(cd build && sha256sum base.tar >base.sha256)
sha256=$(cut -d' ' -f1 build/base.sha256)
# The same bytes keep their image, and with it every cached layer above. Only among the bases: an
# image built on one inherits its labels.
same=$(docker image ls --quiet --filter "label=org.labcheck.base-sha256=$sha256" "${tag%%:*}" | head -n 1)
if [ -n "$same" ]; then
    docker tag "$same" "$tag"
else
    docker import \
        --change "LABEL org.labcheck.base-sha256=$sha256" \
        --change 'CMD ["/usr/bin/python3"]' \
        build/base.tar "$tag" >/dev/null
fi
rm -f build/base.tar
say "base: $tag built, sha256 of its tar $sha256"
