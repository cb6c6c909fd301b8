#!/bin/sh
# Fail if a file of the repository names a host or a place on the machine it was written on. The one
# package host is TORCH_INDEX in the Makefile.
set -eu
cd "$(dirname "$0")/.."

files() { git ls-files -z --cached --others --exclude-standard; }
status=0

# A letter in brackets keeps a pattern from matching itself.
places='/opt/[p]ypi|/opt/[w]heels|/work/[m]ain|/work/[s]hared|/work/[.]library|/[r]oot/[.]'
if files | xargs -0 grep -nIE -- "$places"; then
    echo 'These lines name a place on one machine.'
    status=1
fi

# Schemas name their dialect; documents link to conventions; tests speak of addresses nobody owns.
allowed='json-schema\.org|keepachangelog\.com|semver\.org|localhost|127\.0\.0\.1|\[::1\]|169\.254\.[0-9.]+|([a-z0-9-]+\.)*example(\.(com|org|net))?|([a-z0-9-]+\.)+invalid'
if files | xargs -0 grep -oInE -- "https?://[A-Za-z0-9.:@_[-]+\]?" | grep -vE "://($allowed)(:[0-9]+)?$" |
    grep -v '^Makefile:[0-9]*:.*//download[.]pytorch[.]org$'; then
    echo 'These addresses are not among those this repository may name (scripts/no_machine_named.sh).'
    status=1
fi
exit "$status"
