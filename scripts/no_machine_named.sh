#!/bin/sh
# Fail if a file of the repository names a host or a place on the machine it was written on. The one
# package host is TORCH_INDEX in the Makefile.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Without a list of files there would be nothing to find, and all would seem well.
git ls-files --error-unmatch scripts/no_machine_named.sh >/dev/null 2>&1 ||
    die "this is no git checkout of labcheck: only git knows which files to look at"

files() { git ls-files -z --cached --others --exclude-standard; }
status=0

# Home folders, and the two folders where people put things of their own; of those, the image has
# its own folder, and the learner's file. A path inside another one, as build/opt, does not count.
places='(^|[^[:alnum:]_.~-])/((home|Users|work|opt)/[[:alnum:]_.-]+|root/[[:alnum:]_.-]*)'
allowed='/(opt/labcheck|work/submission\.py)'
if files | xargs -0 grep -soInE -- "$places" | grep -vE "^[^:]*:[0-9]+:.?$allowed$"; then
    echo 'These lines name a place on one machine.'
    status=1
fi

# Schemas and pictures name their dialect; documents link to conventions; tests speak of addresses nobody
# owns.
allowed='json-schema\.org|www\.w3\.org|keepachangelog\.com|semver\.org|localhost|127\.0\.0\.1|\[::1\]|169\.254\.[0-9.]+|192\.0\.2\.[0-9]+|([a-z0-9-]+\.)*example(\.(com|org|net))?|([a-z0-9-]+\.)+invalid'
if files | xargs -0 grep -soInE -- "https?://[A-Za-z0-9.:@_[-]+\]?" | grep -vE "://($allowed)(:[0-9]+)?$" |
    grep -v '^Makefile:[0-9]*:.*//download[.]pytorch[.]org$'; then
    echo 'These addresses are not among those this repository may name (scripts/no_machine_named.sh).'
    status=1
fi
exit "$status"
